import type { OrchestrationContext, Task } from "durable-functions";
import { RetryOptions } from "durable-functions";

/** A random orchestration as data: what the fuzz test makes up and the orchestrator below carries out. */
export type Step =
  | { readonly do: "activity" | "fail" }
  | { readonly do: "retry"; readonly times: number; readonly attempts: number; readonly key: string }
  | { readonly do: "timer"; readonly seconds: number; readonly cancel: boolean }
  | { readonly do: "entity" | "signal" }
  | { readonly do: "event"; readonly name: string }
  | { readonly do: "any" | "all"; readonly of: readonly Step[] };

/** Carries a plan out, one step after the other; failures of a step are results like others. */
export function* runPlan(context: OrchestrationContext): Generator<Task, number, unknown> {
  const steps = context.df.getInput<Step[]>();
  for (const step of steps) {
    const task = taskOf(context, step);
    if (!task) continue;
    try {
      yield task;
    } catch {
      // The plan goes on.
    }
  }
  return steps.length;
}

function taskOf(context: OrchestrationContext, step: Step): Task | undefined {
  const { df } = context;
  const counter = { name: "counter", key: "shared" } as never;
  switch (step.do) {
    case "activity":
      return df.callActivity("echo", 1);
    case "fail":
      return df.callActivity("fail", "planned");
    case "retry":
      return df.callActivityWithRetry("failTimes", new RetryOptions(1000, step.attempts), {
        key: `${df.instanceId}/${step.key}`,
        times: step.times,
      });
    case "timer": {
      const timer = df.createTimer(new Date(df.currentUtcDateTime.getTime() + step.seconds * 1000));
      if (!step.cancel) return timer;
      timer.cancel();
      return undefined;
    }
    case "entity":
      return df.callEntity(counter, "add", 1);
    case "signal":
      df.signalEntity(counter, "add", 1);
      return undefined;
    case "event":
      return df.waitForExternalEvent(step.name);
    default: {
      const children = step.of.map((child) => taskOf(context, child)).filter((child) => child !== undefined);
      if (children.length === 0) return undefined;
      return step.do === "any" ? df.Task.any(children) : df.Task.all(children);
    }
  }
}
