import { randomUUID } from "node:crypto";
import { functionsOf } from "../app/load-app.ts";
import { type Ended, hasEnded, type Instance } from "../store/instances.ts";
import { actionType } from "./actions.ts";
import type { EngineContext } from "./engine-context.ts";
import { entityIdOf } from "./entity-runner.ts";
import { type Episode, runEpisode } from "./episode.ts";
import { createStartedEvent, eventType, executionOf, type HistoryEvent } from "./events.ts";
import { createLiveInstances, type LiveInstance } from "./live-instances.ts";
import { createRunner } from "./runner.ts";
import { applyActions, closeTask, createSequence, type Operation } from "./sequence.ts";

/**
 * Creates the runner of orchestrations. An instance runs one episode at a time. An episode handles
 * one delivered event, in one transaction.
 */
export function createOrchestrator(context: EngineContext, limit: number) {
  const { app, clock, database, instances, tasks, entities, wake, alarms, roughness } = context;
  const known = new Map(functionsOf(app, "orchestrationTrigger").map((target) => [target.name.toLowerCase(), target]));
  const live = createLiveInstances(instances);
  const runner = createRunner(limit, async (id) => {
    while (!context.stopped() && !context.draining()) {
      const next = instances.nextEvent(id);
      if (!next) return;
      if (next.visibleAt > clock.now()) return alarms.set(`instance ${id}`, next.visibleAt, () => runner.wake(id));
      instances.take(next.row, roughness.takenMessageComesBackAt());
      const found = live.get(id);
      if (!found || hasEnded(found.instance)) database.transaction(() => instances.dropEvent(next.row));
      else await handleEvent(found, next.row, next.event);
      if (found && hasEnded(found.instance)) live.forget(id);
    }
  });

  async function handleEvent(found: LiveInstance, row: number, delivered: HistoryEvent): Promise<void> {
    const { past } = found;
    const instance = withStartEvent(found.instance, delivered);
    if (delivered.EventType === eventType.ExecutionTerminated) return terminate(instance, row, delivered);
    // Time never goes back for an orchestration.
    const now = Math.max(clock.now(), instance.updated);
    const stamp = new Date(now).toISOString();
    const addStamp = (event: HistoryEvent, IsPlayed = true): HistoryEvent => ({ ...event, IsPlayed, Timestamp: stamp });
    const opening: HistoryEvent[] = [{ EventType: eventType.OrchestratorStarted, EventId: -1 }, delivered];

    const { sequence } = instance;
    const target = known.get(instance.name.toLowerCase());
    const added = opening.map((event) => addStamp(event, false));
    // An orchestrator that has ended only waits for its open tasks. Its code does not run again.
    const run = instance.ended ? undefined : await runEpisode(app, target, instance, past, added);
    if (context.stopped()) return;
    const operations = closeTask(sequence, delivered, now);
    const created = operations.flatMap(createdEventsOf);
    let { ended, customStatus } = instance;
    let broken = false;
    if (run) {
      const actions = run.state.actions[0] ?? [];
      try {
        // A function that failed before the SDK started has no actions to compare.
        const asked = run.failure === null || actions.length > 0 ? applyActions(sequence, actions) : [];
        // Inside the `try`: an input that cannot be written as JSON fails the instance too.
        created.push(...asked.flatMap(createdEventsOf));
        operations.push(...asked);
        ended = endOf(instance.name, run);
        customStatus = JSON.stringify(run.state.customStatus) ?? customStatus;
      } catch (error) {
        broken = true;
        operations.splice(0);
        created.splice(0);
        ended = { status: "Failed", value: failureTextOf(instance.name, error instanceof Error ? error.message : String(error)) };
      }
      if (ended?.status === "Failed")
        app.log({
          level: "error",
          category: "host",
          function: instance.name,
          message: `Instance ${instance.id}: ${JSON.parse(ended.value)}`,
        });
    }
    // An instance waits for its open tasks. If the replay failed, they are unknown, and it ends at
    // once.
    const over = ended !== null && (broken || Object.keys(sequence.open).length === 0) ? ended : null;

    const events = [...opening, ...created, ...closingEventsOf(over)].map((event) => addStamp(event));
    const running: Instance = { ...instance, status: "Running", customStatus, sequence, ended, updated: now };
    const saved: Instance = over && over.status !== "ContinuedAsNew" ? { ...running, status: over.status, output: over.value } : running;
    const left = broken ? openTimersOf(instance.id) : [];
    database.transaction(() => {
      instances.dropEvent(row);
      if (instance.input !== found.instance.input) instances.setInput(instance.id, instance.input);
      instances.append(instance.id, events);
      for (const operation of operations) store(instance, operation);
      if (broken) tasks.dropAllOf(instance.id);
      if (over?.status === "ContinuedAsNew") continueAsNew(running, over.value, past);
      else instances.save(saved);
    });
    live.advance(found, saved, events);
    if (over?.status === "ContinuedAsNew") live.forget(instance.id);
    for (const operation of operations) start(instance, operation);
    for (const { task } of left) wake.cancelTimer(instance.id, task);
  }

  function openTimersOf(id: string) {
    return tasks.timers().filter((timer) => timer.instance === id);
  }

  function store({ id }: Instance, operation: Operation): void {
    if (operation.kind === "activity")
      tasks.addWork({ instance: id, task: operation.id, name: operation.name, input: activityInputOf(operation.input) });
    else if (operation.kind === "timer") tasks.addTimer({ instance: id, task: operation.id, fireAt: operation.fireAt });
    else if (operation.kind === "cancelTimer") tasks.dropTimer(id, operation.id);
    else {
      const message = { ...messageOf(operation), caller: operation.signal ? null : id };
      entities.queue(schedulerIdOf(operation.target), message, id, roughness.messageComesAt());
    }
  }

  function start({ id }: Instance, operation: Operation): void {
    if (operation.kind === "activity")
      wake.activity({ instance: id, task: operation.id, name: operation.name, input: activityInputOf(operation.input) });
    else if (operation.kind === "timer") wake.timer({ instance: id, task: operation.id, fireAt: operation.fireAt });
    else if (operation.kind === "cancelTimer") wake.cancelTimer(id, operation.id);
    else wake.entity(schedulerIdOf(operation.target));
  }

  /** Ends an instance. Its running activities go on, but their results are dropped. */
  function terminate(instance: Instance, row: number, { Input: reason }: HistoryEvent): void {
    const open = openTimersOf(instance.id);
    database.transaction(() => {
      instances.dropEvent(row);
      tasks.dropAllOf(instance.id);
      instances.save({ ...instance, status: "Terminated", output: String(reason ?? "null"), updated: clock.now() });
    });
    live.forget(instance.id);
    for (const { task } of open) wake.cancelTimer(instance.id, task);
  }

  function continueAsNew(instance: Instance, input: string, past: readonly HistoryEvent[]): void {
    const version = past.find(({ EventType }) => EventType === eventType.ExecutionStarted)?.["Version"];
    const execution = randomUUID().replaceAll("-", "");
    instances.renew(instance.id, input);
    instances.save({ ...instance, execution, input, sequence: createSequence(), ended: null, customStatus: null });
    instances.deliverStart(instance.id, createStartedEvent(instance.id, instance.name, execution, input, String(version ?? "")), 0);
  }

  return { wake: runner.wake, idle: runner.idle, forget: live.forget, knows: (name: string) => known.has(name.toLowerCase()) };
}

/**
 * Returns the instance with the name and input of its first event. After two starts under one id,
 * the status may have shown those of the other start.
 */
function withStartEvent(instance: Instance, delivered: HistoryEvent): Instance {
  if (delivered.EventType !== eventType.ExecutionStarted) return instance;
  return { ...instance, name: String(delivered["Name"]), execution: executionOf(delivered), input: String(delivered["Input"]) };
}

function endOf(name: string, { state, failure }: Episode): Ended | null {
  if (failure !== null) return { status: "Failed", value: failureTextOf(name, failure) };
  if (!state.isDone) return null;
  const again = state.actions[0]?.find((action) => action.actionType === actionType.ContinueAsNew);
  if (again)
    return {
      status: "ContinuedAsNew",
      value: typeof again.input === "string" ? again.input : (JSON.stringify(again.input ?? null) ?? "null"),
    };
  return { status: "Completed", value: JSON.stringify(state.output ?? null) ?? "null" };
}

/** Returns the events that end an episode, and the execution if it is over. */
function closingEventsOf(over: Ended | null): HistoryEvent[] {
  const completed: HistoryEvent = { EventType: eventType.OrchestratorCompleted, EventId: -1 };
  if (!over) return [completed];
  return [completed, { EventType: eventType.ExecutionCompleted, EventId: -1, OrchestrationStatus: over.status, Result: over.value }];
}

function failureTextOf(name: string, message: string): string {
  return JSON.stringify(`Orchestrator function '${name}' failed: ${message}`);
}

/**
 * Returns the input of an activity as JSON text. The SDK gives strings as JSON text, and other
 * values unchanged.
 */
function activityInputOf(input: unknown): string {
  return typeof input === "string" ? input : (JSON.stringify(input ?? null) ?? "null");
}

function schedulerIdOf(target: string): string {
  const at = target.indexOf("@", 1);
  return entityIdOf(target.slice(1, at), target.slice(at + 1));
}

type EntityOperation = Extract<Operation, { kind: "entity" }>;
const messageIds = new WeakMap<EntityOperation, string>();

/**
 * Returns the message of an operation. It has the same id in the history and in the entity's queue.
 */
function messageOf(operation: EntityOperation): { id: string; operation: string; input: string | null } {
  const id = messageIds.get(operation) ?? randomUUID();
  messageIds.set(operation, id);
  return {
    id,
    operation: operation.operation,
    input: operation.input === undefined || operation.input === null ? null : JSON.stringify(operation.input),
  };
}

function createdEventsOf(operation: Operation): HistoryEvent[] {
  switch (operation.kind) {
    case "activity":
      return [
        {
          EventType: eventType.TaskScheduled,
          EventId: operation.id,
          Name: operation.name,
          Version: "",
          Input: JSON.stringify([operation.input ?? null]),
        },
      ];
    case "timer":
      return [{ EventType: eventType.TimerCreated, EventId: operation.id, FireAt: new Date(operation.fireAt).toISOString() }];
    case "entity": {
      const { id, operation: op, input } = messageOf(operation);
      const message = { op, id, ...(operation.signal ? { signal: true } : {}), ...(input === null ? {} : { input }) };
      return [
        {
          EventType: eventType.EventSent,
          EventId: operation.id,
          InstanceId: schedulerIdOf(operation.target),
          Name: "op",
          Input: JSON.stringify(message),
        },
      ];
    }
    default:
      return [];
  }
}
