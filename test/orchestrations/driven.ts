import assert from "node:assert/strict";
import type { OrchestrationContext } from "durable-functions";
import { provisionVpnConnection } from "../../orchestrations/provision-vpn-connection.ts";
import type { Completion } from "../../shared/contract/completion.ts";
import type { ProvisioningRequest } from "../../shared/contract/request.ts";
import type { Settled } from "../../shared/settled.ts";

/** What the orchestration did: called an activity, or waited. */
export type Step =
  | { readonly does: "call"; readonly name: string; readonly input: unknown }
  | { readonly does: "wait"; readonly seconds: number };

/** Plays the part of an activity: a settled answer, or an Error for what its retries could not mend. */
export type Play = (name: string, input: never, nth: number) => Settled<unknown> | Error | Promise<Settled<unknown> | Error>;

type Task = { readonly name: string; readonly input: unknown } | { readonly until: number };
interface Happened {
  readonly task: string;
  readonly result: unknown;
  /** The orchestration's time after it, in milliseconds since the Unix epoch. */
  readonly time: number;
}

/** When every driven orchestration begins. */
export const beginning = Date.parse("2026-03-01T08:00:00.000Z");

/**
 * Drives the real orchestration by hand: activities are played, timers jump the clock. After every step the whole history is replayed against a fresh
 * generator, as the host does, and must lead to the same next task.
 */
export async function drive(request: ProvisioningRequest, play: Play, mostSteps = 2_000) {
  const history: Happened[] = [];
  const steps: Step[] = [];
  const calls = new Map<string, number>();
  let statuses: unknown[] = [];
  let time = beginning;
  for (;;) {
    const replay = replayed(request, history);
    statuses = replay.statuses;
    if ("output" in replay) return { completion: replay.output as Completion, steps, statuses, time };
    assert.ok(steps.length < mostSteps, `no end after ${mostSteps} steps`);
    const { task } = replay;
    let result: unknown;
    if ("until" in task) {
      assert.ok(task.until >= time, "a timer in the past");
      steps.push({ does: "wait", seconds: (task.until - time) / 1000 });
      time = task.until;
    } else {
      const nth = (calls.get(task.name) ?? 0) + 1;
      calls.set(task.name, nth);
      steps.push({ does: "call", name: task.name, input: task.input });
      result = await play(task.name, task.input as never, nth);
      time += 10;
    }
    history.push({ task: JSON.stringify(task), result, time });
  }
}

function replayed(
  request: ProvisioningRequest,
  history: readonly Happened[],
): { statuses: unknown[] } & ({ task: Task } | { output: unknown }) {
  let time = beginning;
  const statuses: unknown[] = [];
  const df = {
    instanceId: request.instanceId,
    getInput: () => request,
    get currentUtcDateTime() {
      return new Date(time);
    },
    createTimer: (at: Date) => ({ until: at.getTime() }),
    callActivityWithRetry: (name: string, _: unknown, input: unknown) => ({ name, input: JSON.parse(JSON.stringify(input)) }),
    setCustomStatus: (status: unknown) => statuses.push(status),
  };
  const generator = provisionVpnConnection({ df } as unknown as OrchestrationContext);
  let step = generator.next();
  for (const { task, result, time: at } of history) {
    assert.ok(!step.done, "a replay ended before its history did");
    assert.equal(JSON.stringify(step.value), task, "a replay took another way");
    time = at;
    // The host hands over what was stored, never the same object.
    step =
      result instanceof Error
        ? generator.throw(result)
        : generator.next(result === undefined ? undefined : JSON.parse(JSON.stringify(result)));
  }
  if (step.done) return { output: step.value, statuses };
  return { task: step.value as unknown as Task, statuses };
}
