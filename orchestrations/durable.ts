import type { OrchestrationContext as SdkOrchestrationContext, Task } from "durable-functions";

/** A step of an orchestration: yields durable tasks, returns its result. Call it with `yield*`, which keeps the type; a plain `yield` loses it. */
// biome-ignore lint/suspicious/noExplicitAny: what a `yield` answers differs from task to task, which a generator's type cannot say
export type Durable<T> = Generator<Task, T, any>;

/** All that an orchestration may touch of its context: durable-functions 4 drops the rest. */
export type OrchestrationContext = Pick<SdkOrchestrationContext, "df">;

/** The orchestration's time in milliseconds since the Unix epoch: the same on every replay. */
export function now(context: OrchestrationContext): number {
  return context.df.currentUtcDateTime.getTime();
}
