import assert from "node:assert/strict";
import type { OrchestrationContext } from "durable-functions";
import type { Durable } from "../../orchestrations/durable.ts";

/** An orchestration as it is written. */
export type Orchestrator = (context: OrchestrationContext) => Durable<unknown>;

/** What an orchestration yields, as plain data that names what is to happen. */
export type Task =
  | { readonly name: string; readonly input: unknown }
  | { readonly until: number }
  | { readonly event: string }
  | { readonly any: readonly Task[] }
  | { readonly entity: string; readonly key: string; readonly operation: string; readonly input: never };

/** An operation of an entity that nobody waits for. */
export type Signal = Extract<Task, { entity: string }>;

/** A task that came to its end. */
export interface Happened {
  /** The task as JSON text. */
  readonly task: string;
  /**
   * What it answered, an Error it failed with, or, for an `any`, the index of the child that won.
   */
  readonly result: unknown;
  /** The orchestration's time after it, in milliseconds since the Unix epoch. */
  readonly time: number;
}

/** When every driven orchestration begins. */
export const beginning = Date.parse("2026-03-01T08:00:00.000Z");

/** Begins an orchestration whose tasks are plain data: nothing happens but what is fed to it. */
export function begun(orchestrator: Orchestrator, input: { readonly instanceId: string }, startedAt = beginning) {
  let time = startedAt;
  const statuses: unknown[] = [];
  const signals: Signal[] = [];
  const df = {
    instanceId: input.instanceId,
    getInput: () => input,
    get currentUtcDateTime() {
      return new Date(time);
    },
    createTimer: (at: Date) => Object.defineProperty({ until: at.getTime() }, "cancel", { value: () => {} }),
    waitForExternalEvent: (event: string) => ({ event }),
    Task: { any: (any: readonly Task[]) => ({ any }) },
    callEntity: ({ name, key }: { name: string; key: string }, operation: string, input: unknown) => ({
      entity: name,
      key,
      operation,
      input: copied(input ?? null),
    }),
    signalEntity: ({ name, key }: { name: string; key: string }, operation: string, input: unknown) => {
      signals.push({ entity: name, key, operation, input: copied(input ?? null) as never });
    },
    callActivityWithRetry: (name: string, _: unknown, input: unknown) => ({ name, input: copied(input) }),
    setCustomStatus: (status: unknown) => statuses.push(status),
  };
  const generator = orchestrator({ df } as unknown as OrchestrationContext);
  let step = generator.next();
  return {
    /** Every custom status so far. */
    statuses,
    /** The task that it waits for; nothing when it has ended. */
    task: () => (step.done ? undefined : (step.value as unknown as Task)),
    /** Every signal so far: an operation of an entity that it does not wait for. */
    signals,
    /** What it answered at its end. */
    output: () => step.value as unknown,
    /** Ends the task that it waits for. */
    feed(result: unknown, at: number): void {
      const task = step.value as unknown as Task;
      time = at;
      if ("any" in task) step = generator.next(task.any[Number(result)]);
      // The host hands over what was stored, never the same object.
      else step = result instanceof Error ? generator.throw(result) : generator.next(result === undefined ? undefined : copied(result));
    },
  };
}

/**
 * Replays a history against a fresh orchestration, as the host does; each task must be the one that
 * was there when it first ran.
 */
export function replayed(
  orchestrator: Orchestrator,
  input: { readonly instanceId: string },
  history: readonly Happened[],
  startedAt = beginning,
) {
  const running = begun(orchestrator, input, startedAt);
  for (const { task, result, time } of history) {
    assert.ok(running.task(), "a replay ended before its history did");
    assert.equal(JSON.stringify(running.task()), task, "a replay took another way");
    running.feed(result, time);
  }
  return running;
}

/** A value as it comes out of a store. */
export function copied<T>(value: T): T {
  return value instanceof Error ? value : JSON.parse(JSON.stringify(value));
}
