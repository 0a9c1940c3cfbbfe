import { type App, functionsOf } from "../app/load-app.ts";
import type { Action, OrchestratorState } from "./actions.ts";
import type { HistoryEvent } from "./events.ts";

/** A failing orchestrator reports its actions in the error's message, behind this mark (durable-functions 3.5.0). */
const ACTIONS_MARK = "\n\n$OutOfProcData$:";
/** Longer than any timer: the SDK then never splits one, and the clock takes long waits in steps by itself. */
const LONGEST_TIMER = "10675199.02:48:05.4775807";

/** What one run of an orchestrator function came to. */
export interface Episode {
  readonly state: OrchestratorState;
  /** The same actions as the objects the SDK holds, where it still holds them. */
  readonly live: readonly Action[];
  readonly failure: string | null;
}

/** Replays an orchestrator function over a history and answers everything it has asked for since its start. */
export async function runEpisode(
  app: App,
  { id, name, input }: { id: string; name: string; input: string },
  history: readonly HistoryEvent[],
): Promise<Episode> {
  const target = functionsOf(app, "orchestrationTrigger").find((known) => known.name.toLowerCase() === name.toLowerCase());
  if (!target) return failed(`The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.`);
  const trigger = JSON.stringify({
    history,
    input: JSON.parse(input),
    instanceId: id,
    isReplaying: history.length > 2,
    parentInstanceId: null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    longRunningTimerIntervalDuration: LONGEST_TIMER,
    maximumShortTimerDuration: LONGEST_TIMER,
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  });
  try {
    const { returned, result } = await app.invoke(target, { trigger: { string: trigger } });
    const live = (result as { actions?: readonly (readonly Action[])[] } | null)?.actions?.[0] ?? [];
    return { state: JSON.parse(String(returned?.json)) as OrchestratorState, live, failure: null };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const at = message.indexOf(ACTIONS_MARK);
    if (at < 0) return failed(message);
    const state = JSON.parse(message.slice(at + ACTIONS_MARK.length)) as OrchestratorState;
    return { state, live: [], failure: state.error ?? "a value that is no Error was thrown" };
  }
}

function failed(failure: string): Episode {
  return { state: { isDone: false, actions: [[]] }, live: [], failure };
}
