import type { OrchestrationContext as SdkOrchestrationContext, Task } from "durable-functions";

/**
 * A part of an orchestration. It yields durable tasks and returns a result. Call it with `yield*`,
 * which keeps the type of the result; a plain `yield` loses it.
 */
// biome-ignore lint/suspicious/noExplicitAny: the result of `yield` depends on the task
export type Durable<T> = Generator<Task, T, any>;

/** The part of its context that an orchestration may use. durable-functions 4 removes the rest. */
export type OrchestrationContext = Pick<SdkOrchestrationContext, "df">;

/**
 * Returns the orchestration's time in milliseconds since the Unix epoch. It is the same on every
 * replay.
 */
export function now(context: OrchestrationContext): number {
  return context.df.currentUtcDateTime.getTime();
}
