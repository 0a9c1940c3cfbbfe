import type { Clock } from "../../clock.ts";
import type { App } from "../app/load-app.ts";
import type { openEntityTables } from "../store/entities.ts";
import type { openInstanceTables } from "../store/instances.ts";
import type { Database } from "../store/open.ts";
import type { openTaskTables } from "../store/tasks.ts";
import type { createAlarms } from "./alarms.ts";
import type { HistoryEvent } from "./events.ts";
import type { Roughness } from "./roughness.ts";

/** What the parts of the engine share. */
export interface EngineContext {
  readonly app: App;
  readonly clock: Clock;
  readonly database: Database;
  readonly instances: ReturnType<typeof openInstanceTables>;
  readonly tasks: ReturnType<typeof openTaskTables>;
  readonly entities: ReturnType<typeof openEntityTables>;
  readonly alarms: ReturnType<typeof createAlarms>;
  readonly roughness: Roughness;
  /** Returns the JSON of a durableClient binding. */
  readonly durableClient: () => string;
  /** Delivers a result or an event from `sender` to an instance. Call it within a transaction. */
  readonly post: (instance: string, event: HistoryEvent, sender: string) => void;
  /**
   * Wakes the part that runs an instance, an activity, a timer or an entity. Call it after the
   * transaction that stored the work.
   */
  readonly wake: {
    instance(id: string): void;
    activity(work: { instance: string; task: number; name: string; input: string }): void;
    timer(timer: { instance: string; task: number; fireAt: number }): void;
    cancelTimer(instance: string, task: number): void;
    entity(id: string): void;
  };
  /** If true the store may be closed, and nothing may use it. */
  readonly stopped: () => boolean;
  /** If true, what runs may end, but nothing new may begin. */
  readonly draining: () => boolean;
}
