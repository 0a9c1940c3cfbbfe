import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { type App, functionsOf } from "../../local/functions-host/app/load-app.ts";
import { runEpisode } from "../../local/functions-host/durable/episode.ts";
import { eventType, type HistoryEvent } from "../../local/functions-host/durable/events.ts";
import { applyActions, closeTask, createSequence, type Operation } from "../../local/functions-host/durable/sequence.ts";
import type { Fixture } from "./fixture.ts";

/**
 * One turn of an instance: the new events that its trigger got, and the steps that it scheduled.
 */
interface Turn {
  readonly given: readonly HistoryEvent[];
  readonly asked: readonly HistoryEvent[];
  /** How many events there were before it. */
  readonly past: number;
  /** A tape has what was given to the last turn, and not what it scheduled. */
  readonly isOpen: boolean;
}

const created: readonly number[] = [eventType.TaskScheduled, eventType.TimerCreated, eventType.EventSent];

/** What other steps mean for an instance that is in flight when the new version is deployed. */
const otherSteps = [
  "An instance that has come to this turn when the new version is deployed cannot go on.",
  "Durable Functions ends it as Failed, its requester gets Failed Interrupted,",
  "and a change that Azure has begun goes on while nothing watches it.",
  "What to do: CONTRIBUTING.md, Change the steps of an orchestration.",
].join("\n");

/** What another status or output means for such an instance. */
const otherEnd = [
  "The steps are the same, so an instance in flight goes on.",
  "But it shows another status or output at its end than before:",
  "a program that reads it, or a repeated request, gets something else than it was promised.",
  "More fields are allowed; fields that change or disappear are not.",
].join("\n");

/**
 * Replays an instance through the SDK, turn by turn, as if the app had been replaced before each
 * turn. In each turn it must schedule the same steps, under the same ids and in the same order. At
 * the end its status and output must have at least what they had. Throws an AssertionError if not,
 * which says what that means for instances in flight.
 */
export async function replay(app: App, fixture: Fixture, orchestration = fixture.orchestration): Promise<void> {
  const { instanceId, history } = fixture;
  const instance = { id: instanceId, name: orchestration, input: JSON.stringify(fixture.input) };
  const target = functionsOf(app, "orchestrationTrigger").find(({ name }) => name === orchestration);
  const sequence = createSequence();
  let last: Awaited<ReturnType<typeof runEpisode>> | undefined;
  for (const [index, { given, asked, past, isOpen }] of turnsOf(history).entries()) {
    const played = history.slice(0, past).map((event) => ({ ...event, IsPlayed: true }));
    const added = given.map((event) => ({ ...event, IsPlayed: false }));
    last = await runEpisode(app, target, instance, played, added);
    const turn = `Turn ${index + 1} of ${fixture.orchestration} ${instanceId}`;
    assert.equal(last.failure, null, `${turn} fails: ${last.failure}\n${otherSteps}`);
    const time = Date.parse(String(given[0]?.["Timestamp"]));
    const found = [
      ...given.slice(1).flatMap((event) => closeTask(sequence, event, time)),
      ...applyActions(sequence, last.state.actions[0] ?? []),
    ];
    const [now, recorded] = [found.flatMap(signatureOf), asked.map(recordedSignatureOf)];
    assert.ok(
      isOpen || isDeepStrictEqual(now, recorded),
      `${turn} schedules other steps.\nRecorded: ${shown(recorded)}\nNow: ${shown(now)}\n${otherSteps}`,
    );
  }
  assert.ok(last?.state.isDone, `${instanceId} never comes to its end, but its history does.\n${otherSteps}`);
  const now: unknown = JSON.parse(JSON.stringify({ customStatus: last.state.customStatus ?? null, output: last.state.output }));
  const { customStatus, output } = fixture;
  try {
    // Later versions may show more.
    assert.partialDeepStrictEqual(now, { customStatus, output });
  } catch (error) {
    throw new assert.AssertionError({ message: `${instanceId} ends in another way. ${otherEnd}\n${(error as Error).message}` });
  }
}

function shown(steps: readonly string[]): string {
  return steps.length === 0 ? "no step" : steps.join(", ");
}

/** Returns the turns of a history: what was delivered to each, and what it scheduled then. */
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
      isOpen: !turn.some(({ EventType }) => EventType === eventType.OrchestratorCompleted),
    };
  });
}

/**
 * What the framework compares: the kind of a step, its name, and its id. Inputs and due times may
 * change.
 */
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
