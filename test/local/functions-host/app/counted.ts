/**
 * What the SDK has counted after a run of an orchestrator: the next id, and those of the tasks that
 * are open.
 */
export interface Counted {
  readonly next: number;
  readonly open: readonly number[];
}

/**
 * Who is told after each run, before the host has stored what came of it: the fuzz test, which
 * holds the host to it.
 */
export const counting: { told: (instanceId: string, counted: Counted) => void } = { told: () => {} };
