import assert from "node:assert/strict";
import { type App, functionsOf } from "../../local/functions-host/app/load-app.ts";
import { runEpisode } from "../../local/functions-host/durable/episode.ts";
import { eventType, type HistoryEvent } from "../../local/functions-host/durable/events.ts";
import { applyActions, closeTask, createSequence, type Operation } from "../../local/functions-host/durable/sequence.ts";
import type { Fixture } from "./fixture.ts";

/** One turn of an instance: what its trigger was given anew, and what it asked for then. */
interface Turn {
  readonly given: readonly HistoryEvent[];
  readonly asked: readonly HistoryEvent[];
  /** How many events there were before it. */
  readonly past: number;
}

const created: readonly number[] = [eventType.TaskScheduled, eventType.TimerCreated, eventType.EventSent];

/**
 * Replays an instance through the SDK, turn by turn, as if the app had been replaced before each of them: whatever it asked for then it must ask for now,
 * under the same ids and in the same order, and at the end it must show and answer at least what it did. Throws where it does not.
 */
export async function replay(app: App, fixture: Fixture, orchestration = fixture.orchestration): Promise<void> {
  const { instanceId, history } = fixture;
  const instance = { id: instanceId, name: orchestration, input: JSON.stringify(fixture.input) };
  const target = functionsOf(app, "orchestrationTrigger").find(({ name }) => name === orchestration);
  const sequence = createSequence();
  let last: Awaited<ReturnType<typeof runEpisode>> | undefined;
  for (const [index, { given, asked, past }] of turnsOf(history).entries()) {
    const played = history.slice(0, past).map((event) => ({ ...event, IsPlayed: true }));
    const added = given.map((event) => ({ ...event, IsPlayed: false }));
    last = await runEpisode(app, target, instance, played, added);
    assert.equal(last.failure, null, `turn ${index + 1} of ${instanceId}`);
    const time = Date.parse(String(given[0]?.["Timestamp"]));
    const found = [
      ...given.slice(1).flatMap((event) => closeTask(sequence, event, time)),
      ...applyActions(sequence, last.state.actions[0] ?? []),
    ];
    assert.deepEqual(found.flatMap(signatureOf), asked.map(recordedSignatureOf), `turn ${index + 1} of ${instanceId}`);
  }
  assert.ok(last?.state.isDone, `${instanceId} comes to its end`);
  // Later versions may show more.
  assert.partialDeepStrictEqual(JSON.parse(JSON.stringify({ customStatus: last.state.customStatus ?? null, output: last.state.output })), {
    customStatus: fixture.customStatus,
    output: fixture.output,
  });
}

/** Whatever stands between the two marks of an episode: first what was delivered, then what was asked for. */
function turnsOf(history: readonly HistoryEvent[]): Turn[] {
  const starts = history.flatMap(({ EventType }, index) => (EventType === eventType.OrchestratorStarted ? [index] : []));
  return starts.map((past, index) => {
    const turn = history.slice(past, starts[index + 1]);
    return {
      past,
      given: turn.filter(
        ({ EventType }) =>
          !created.includes(EventType) && EventType !== eventType.OrchestratorCompleted && EventType !== eventType.ExecutionCompleted,
      ),
      asked: turn.filter(({ EventType }) => created.includes(EventType)),
    };
  });
}

/** What the framework compares: the kind of a step, its name, and its id. Inputs and due times may change. */
function signatureOf(operation: Operation): string[] {
  if (operation.kind === "activity") return [`${operation.id} activity ${operation.name}`];
  if (operation.kind === "timer") return [`${operation.id} timer`];
  return operation.kind === "entity" ? [`${operation.id} entity ${operation.target.toLowerCase()} ${operation.operation}`] : [];
}

function recordedSignatureOf({ EventType, EventId, Name, InstanceId, Input }: HistoryEvent): string {
  if (EventType === eventType.TaskScheduled) return `${EventId} activity ${Name}`;
  if (EventType === eventType.TimerCreated) return `${EventId} timer`;
  const { op } = JSON.parse(String(Input)) as { op: string };
  return `${EventId} entity ${String(InstanceId).toLowerCase()} ${op}`;
}
