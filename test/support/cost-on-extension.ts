import { readFileSync } from "node:fs";
import type { Taped } from "../../local/functions-host/extension/index.ts";
import { eventually } from "./eventually.ts";
import type { startTestStack } from "./running-stack.ts";

type Stack = Pick<Awaited<ReturnType<typeof startTestStack>>, "lines">;

/** What the engine has done between two moments. */
export interface Cost {
  readonly orchestratorTurns: number;
  readonly activities: number;
  readonly entityTurns: number;
  /** Operations of entities that an orchestration waits for, by name. */
  readonly calls: readonly string[];
  /** Operations of entities that nobody waits for, by name. */
  readonly signals: readonly string[];
  /** Requests to storage, without those that the extension makes when it has no work, too. */
  readonly storage: number;
}

/** What the extension does when it has no work: it reads queues and renews leases of partitions. */
const IDLE = /^GET \S+\/messages\?|Partitions\(|-applease|-leases/;

/**
 * Counts on a stack that runs on the Durable Task extension, with the file of its tape. The stack
 * must have a storage log, and nothing else may run on it.
 */
export function createCostCounter(stack: Stack, tape: string) {
  const readTape = (): readonly Taped[] =>
    readFileSync(tape, "utf8")
      .split("\n")
      .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Taped]));

  /** Waits until the last turns have ended and their messages are deleted. */
  async function waitUntilQuiet(): Promise<void> {
    let [count, since] = [-1, 0];
    await eventually("the last turns have ended", () => {
      const now = readTape().length;
      if (now !== count) [count, since] = [now, performance.now()];
      return performance.now() - since > 2_000;
    });
  }

  return {
    /** Returns what `work` costs, with all that follows it. */
    async countCost(work: () => Promise<unknown>): Promise<Cost> {
      await waitUntilQuiet();
      const [turnsBefore, linesBefore] = [readTape().length, stack.lines.length];
      await work();
      await waitUntilQuiet();
      return costOf(readTape().slice(turnsBefore), stack.lines.slice(linesBefore));
    },
  };
}

function costOf(turns: readonly Taped[], lines: readonly string[]): Cost {
  const of = (trigger: string) => turns.filter((turn) => turn.trigger === trigger);
  const operations = of("entityTrigger").flatMap(({ invocation }) => operationsIn(invocation.input));
  const names = (isSignal: boolean) => operations.filter((one) => one.isSignal === isSignal).map(({ name }) => name);
  const requests = lines.flatMap((line) => /"([A-Z]+ \/devstoreaccount1\S*)/.exec(line)?.[1] ?? []);
  return {
    orchestratorTurns: of("orchestrationTrigger").length,
    activities: of("activityTrigger").length,
    entityTurns: of("entityTrigger").length,
    calls: names(false),
    signals: names(true),
    storage: requests.filter((request) => !IDLE.test(request)).length,
  };
}

function operationsIn(input: unknown): readonly { readonly name: string; readonly isSignal: boolean }[] {
  const given = typeof input === "string" ? JSON.parse(input) : input;
  return given.batch;
}
