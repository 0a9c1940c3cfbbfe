import { randomUUID } from "node:crypto";
import type { Clock } from "../../clock.ts";
import type { App } from "../app/load-app.ts";
import { openEntityTables } from "../store/entities.ts";
import { hasEnded, type Instance, OUTSIDE, openInstanceTables } from "../store/instances.ts";
import type { Database } from "../store/open.ts";
import { openTaskTables } from "../store/tasks.ts";
import { createActivityRunner } from "./activity-runner.ts";
import { createAlarms } from "./alarms.ts";
import type { EngineContext } from "./engine-context.ts";
import { createEntityRunner, entityIdOf } from "./entity-runner.ts";
import { createStartedEvent, eventType, executionOf, type HistoryEvent } from "./events.ts";
import { continueWork } from "./left-work.ts";
import { createOrchestrator } from "./orchestrator.ts";
import type { Roughness } from "./roughness.ts";

/** How many run at the same time (host.json, extensions.durableTask). */
export interface Concurrency {
  readonly activities: number;
  readonly orchestrators: number;
}

/** The durable engine: instances, activities, timers and entities on one store. */
export type Engine = ReturnType<typeof createEngine>;

/** The engine refuses an instance id, or cannot start the instance. */
export class StartError extends Error {
  readonly kind: "invalid" | "unknownFunction" | "running";
  constructor(kind: StartError["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Creates the engine on an open store. Nothing runs before `resume`. */
export function createEngine(options: {
  app: App;
  clock: Clock;
  database: Database;
  durableClient: () => string;
  concurrency: Concurrency;
  roughness: Roughness;
}) {
  const { app, clock, database, durableClient, concurrency, roughness } = options;
  const instances = openInstanceTables(database);
  const tasks = openTaskTables(database);
  const entities = openEntityTables(database);
  const alarms = createAlarms(clock);
  let stopped = false;
  let draining = false;

  const context: EngineContext = {
    app,
    clock,
    database,
    instances,
    tasks,
    entities,
    alarms,
    roughness,
    durableClient,
    post,
    stopped: () => stopped,
    draining: () => draining,
    wake: {
      instance: (id) => orchestrator.wake(id),
      activity: (work) => activities.wake(work),
      entity: (id) => entityRunner.wake(id),
      timer: armTimer,
      cancelTimer: (instance, task) => alarms.cancel(timerNameOf(instance, task)),
    },
  };
  const orchestrator = createOrchestrator(context, concurrency.orchestrators);
  const activities = createActivityRunner(context, concurrency.activities);
  const entityRunner = createEntityRunner(context);

  function armTimer({ instance, task, fireAt }: { instance: string; task: number; fireAt: number }): void {
    alarms.set(timerNameOf(instance, task), roughness.timerFiresAt(fireAt), () => {
      if (stopped) return;
      const due = database.transaction(() => {
        if (!tasks.dropTimer(instance, task)) return false;
        const fired = { EventType: eventType.TimerFired, EventId: -1, TimerId: task, FireAt: new Date(fireAt).toISOString() };
        instances.deliver(instance, fired, timerNameOf(instance, task), 0);
        return true;
      });
      if (due) orchestrator.wake(instance);
    });
  }

  function post(instance: string, event: HistoryEvent, sender: string): void {
    instances.deliver(instance, event, sender, roughness.messageComesAt());
    const againAt = roughness.messageComesAgainAt();
    if (againAt !== undefined) instances.deliver(instance, event, REPETITIONS, againAt);
  }

  function deliverTo(id: string, event: HistoryEvent): "unknown" | "ended" | "delivered" {
    const outcome = database.transaction(() => {
      const instance = instances.get(id);
      if (!instance) return "unknown" as const;
      if (hasEnded(instance)) return "ended" as const;
      post(id, event, OUTSIDE);
      return "delivered" as const;
    });
    if (outcome === "delivered") orchestrator.wake(id);
    return outcome;
  }

  /**
   * Handles a second start under an id whose instance has not ended. Only one of the two runs.
   * Until it does, the status shows the second one.
   */
  function startAgain(existing: Instance, started: HistoryEvent): void {
    if (!roughness.acceptsSecondStart(existing.created))
      throw new StartError("running", `An Orchestration instance with the status ${existing.status} already exists.`);
    if (existing.status !== "Pending") return;
    if (roughness.secondStartWins()) instances.replaceStart(existing.id, started);
    instances.show(existing.id, executionOf(started), String(started["Input"]));
  }

  return {
    instances,
    /** Continues everything that a former process left. */
    resume() {
      for (const timer of tasks.timers()) armTimer(timer);
      continueWork(tasks, clock, alarms, activities.wake);
      for (const entity of entities.waiting()) entityRunner.wake(entity);
      for (const instance of instances.waiting()) orchestrator.wake(instance);
    },

    /**
     * Starts an instance. `input` is JSON text, and `version` is the version that the orchestrator
     * sees. Replaces an instance of this id that has ended (overridableExistingInstanceStates:
     * NonRunningStates).
     */
    start(name: string, input: string, id = randomUUID().replaceAll("-", ""), version = ""): string {
      if (!orchestrator.knows(name)) {
        throw new StartError("unknownFunction", `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.`);
      }
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what an instance id may not have
      if (id.startsWith("@") || id.length > 100 || /[/\\#?\u0000-\u001f\u007f-\u009f]/.test(id)) {
        throw new StartError(
          "invalid",
          "Instance IDs must not start with '@', be longer than 100 characters, or contain '/', '\\', '#', '?' or control characters.",
        );
      }
      const execution = randomUUID().replaceAll("-", "");
      const started = createStartedEvent(id, name, execution, input, version);
      database.transaction(() => {
        const existing = instances.get(id);
        if (existing && !hasEnded(existing)) return startAgain(existing, started);
        instances.create(id, name, execution, input, clock.now());
        instances.deliverStart(id, started, roughness.startComesAt(id));
      });
      orchestrator.forget(id);
      orchestrator.wake(id);
      return id;
    },

    /** Raises an external event; `input` is JSON text. */
    raise: (id: string, name: string, input: string) =>
      deliverTo(id, { EventType: eventType.EventRaised, EventId: -1, Name: name, Input: input }),
    terminate: (id: string, reason: string) =>
      deliverTo(id, { EventType: eventType.ExecutionTerminated, EventId: -1, Input: JSON.stringify(reason) }),

    /** Removes an instance that has ended, with all its data. */
    purge(id: string): "unknown" | "running" | "purged" {
      return database.transaction(() => {
        const instance = instances.get(id);
        if (!instance) return "unknown";
        if (!hasEnded(instance)) return "running";
        instances.purge(id);
        orchestrator.forget(id);
        return "purged";
      });
    },

    /**
     * Signals an entity. `input` is JSON text. Returns false if no function implements the entity.
     */
    signal(name: string, key: string, operation: string, input: string | null): boolean {
      if (!entityRunner.knows(name)) return false;
      const id = entityIdOf(name, key);
      database.transaction(() =>
        entities.queue(id, { id: randomUUID(), operation, input, caller: null }, OUTSIDE, roughness.messageComesAt()),
      );
      entityRunner.wake(id);
      return true;
    },
    /** Returns an entity's state as JSON text, or nothing if the entity does not exist. */
    entityState: (name: string, key: string) => entities.state(entityIdOf(name, key)),

    /** Stops at once. The next process repeats what was running. */
    stop() {
      stopped = true;
      alarms.cancelAll();
    },
    /** Waits until everything that runs has ended and is stored. Nothing new begins. */
    async drain() {
      draining = true;
      await Promise.all([orchestrator.idle(), activities.idle(), entityRunner.idle()]);
      alarms.cancelAll();
      stopped = true;
    },
  };
}

/**
 * The sender of repeated deliveries. It is a separate one, so that no other delivery waits for
 * them.
 */
const REPETITIONS = "again";

function timerNameOf(instance: string, task: number): string {
  return `timer ${instance}/${task}`;
}
