import type { RegisteredFunction } from "../app/functions-core.ts";
import type { App } from "../app/load-app.ts";
import type { OrchestratorState } from "./actions.ts";
import type { HistoryEvent } from "./events.ts";

/**
 * A failing orchestrator writes its actions into the error's message, after this mark
 * (durable-functions 3.5.0).
 */
const ACTIONS_MARK = "\n\n$OutOfProcData$:";
/** Longer than any timer, so that the SDK never splits one. The clock splits long waits. */
const LONGEST_TIMER = "10675199.02:48:05.4775807";

/** The result of one run of an orchestrator function. */
export interface Episode {
  readonly state: OrchestratorState;
  readonly failure: string | null;
}

/**
 * Replays an orchestrator function over its past and the new events. Returns all its actions since
 * its start.
 */
export async function runEpisode(
  app: App,
  target: RegisteredFunction | undefined,
  { id, name, input }: { id: string; name: string; input: string },
  past: readonly HistoryEvent[],
  added: readonly HistoryEvent[],
): Promise<Episode> {
  if (!target) return createFailedEpisode(`The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.`);
  const parsed = {
    history: [...past, ...added],
    input: JSON.parse(input) as unknown,
    instanceId: id,
    isReplaying: past.length > 0,
    parentInstanceId: null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    longRunningTimerIntervalDuration: LONGEST_TIMER,
    maximumShortTimerDuration: LONGEST_TIMER,
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  };
  try {
    const { result } = await app.invoke(target, { trigger: {}, parsed });
    return { state: result as OrchestratorState, failure: null };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const at = message.indexOf(ACTIONS_MARK);
    if (at < 0) return createFailedEpisode(message);
    const state = JSON.parse(message.slice(at + ACTIONS_MARK.length)) as OrchestratorState;
    return { state, failure: state.error ?? "a value that is no Error was thrown" };
  }
}

function createFailedEpisode(failure: string): Episode {
  return { state: { isDone: false, actions: [[]] }, failure };
}
