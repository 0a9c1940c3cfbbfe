import type { OrchestrationContext, Task, TimerTask } from "durable-functions";
import { EntityId, RetryOptions } from "durable-functions";

/** A task that a random orchestration makes. */
export type Leaf =
  | { readonly do: "activity" | "fail" }
  | { readonly do: "retry"; readonly times: number; readonly attempts: number; readonly key: string }
  | { readonly do: "timer"; readonly seconds: number }
  | { readonly do: "entity"; readonly key: number }
  | { readonly do: "event"; readonly name: string };

export type Waited = Leaf | { readonly do: "any" | "all"; readonly of: readonly Waited[] };

/**
 * A random orchestration as data: what the fuzz test makes up and the orchestrator below carries
 * out.
 */
export type Step =
  | Waited
  | { readonly do: "signal"; readonly key: number }
  /** Waits for a task that an earlier step has left open: for it alone, or beside a new one. */
  | { readonly do: "again"; readonly pick: number; readonly beside: { readonly as: "any" | "all"; readonly new: Leaf } | null }
  /** Cancels a timer that an earlier step has left open. */
  | { readonly do: "cancel"; readonly pick: number };

/**
 * Carries a plan out, one step after the other; failures of a step are results like others. Answers
 * how each step ended.
 */
export function* runPlan(context: OrchestrationContext): Generator<Task, string, unknown> {
  const made: Task[] = [];
  const open = () => made.filter((task) => !task.isCompleted && !task.isFaulted && !(task as TimerTask).isCanceled);
  let trail = "";
  for (const step of context.df.getInput<Step[]>()) {
    const task = taskOf(step);
    if (!task) continue;
    try {
      yield task;
      trail += "y";
    } catch {
      trail += "n";
    }
  }
  return trail;

  function taskOf(step: Step): Task | undefined {
    switch (step.do) {
      case "signal":
        context.df.signalEntity(new EntityId("counter", `fuzz-${step.key}`), "add", 1);
        return undefined;
      case "cancel": {
        const timers = open().filter((task): task is TimerTask => "cancel" in task);
        timers[step.pick % timers.length]?.cancel();
        return undefined;
      }
      case "again": {
        const left = open();
        const task = left[step.pick % left.length];
        if (!task || !step.beside) return task;
        const both = [task, leafOf(step.beside.new)];
        return step.beside.as === "any" ? context.df.Task.any(both) : context.df.Task.all(both);
      }
      case "any":
      case "all": {
        const children = step.of.flatMap((child) => taskOf(child) ?? []);
        return step.do === "any" ? context.df.Task.any(children) : context.df.Task.all(children);
      }
      default:
        return leafOf(step);
    }
  }

  function leafOf(leaf: Leaf): Task {
    const task = newTask(context, leaf);
    made.push(task);
    return task;
  }
}

function newTask({ df }: OrchestrationContext, leaf: Leaf): Task {
  switch (leaf.do) {
    case "activity":
      return df.callActivity("echo", 1);
    case "fail":
      return df.callActivity("fail", "planned");
    case "retry": {
      const input = { key: `${df.instanceId}/${leaf.key}`, times: leaf.times };
      return df.callActivityWithRetry("failTimes", new RetryOptions(1000, leaf.attempts), input);
    }
    case "timer":
      return df.createTimer(new Date(df.currentUtcDateTime.getTime() + leaf.seconds * 1000));
    case "entity":
      return df.callEntity(new EntityId("counter", `fuzz-${leaf.key}`), "add", 1);
    case "event":
      return df.waitForExternalEvent(leaf.name);
  }
}
