import type { OrchestrationContext, Task } from "durable-functions";
import { EntityId } from "durable-functions";

/** The code of an orchestration that is changed while it runs: one word per step. */
export const changing: { now: readonly string[] } = { now: [] };

/** The task that a word stands for; without one a wait that nothing ends. */
export function taskOf({ df }: OrchestrationContext, word: string | null): Task {
  const soon = () => df.createTimer(new Date(df.currentUtcDateTime.getTime() + 1_000));
  switch (word) {
    case "echo":
    case "nothing":
      return df.callActivity(word, "a");
    case "timer":
      return soon();
    case "call":
      return df.callEntity(new EntityId("counter", "changing"), "get");
    case "either":
      return df.Task.any([soon(), df.callActivity("echo", "a")]);
    case "both":
      return df.Task.all([soon(), df.callActivity("echo", "a")]);
    case "throws":
      throw new Error("the new code is broken");
    default:
      return df.waitForExternalEvent(word ?? "Never");
  }
}
