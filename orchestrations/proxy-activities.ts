import { RetryOptions } from "durable-functions";
import type { Activities } from "../functions/index.ts";
import { jitter } from "../shared/jitter.ts";
import { type Problem, ProvisioningError, problem } from "../shared/problem.ts";
import type { LaterClass, Settled } from "../shared/settled.ts";
import { type Durable, now, type OrchestrationContext, waitUntil } from "./durable.ts";
import type { Progress } from "./progress.ts";

/** The activities as an orchestration calls them: `yield* putConnection(input)` answers the result, or throws a ProvisioningError. */
export type Proxied = {
  readonly [Name in keyof Activities]: Activities[Name] extends (input: infer Input, ...rest: never[]) => Promise<Settled<infer Result>>
    ? (input: Input) => Durable<Result>
    : never;
};

/** Durable retries are blind to the reason, so they are kept for what nobody foresaw; every foreseen failure comes back as data. */
const unforeseen = new RetryOptions(5_000, 3);

/** First wait and longest wait in seconds, where the service names none; each wait is drawn between nothing and the doubled last one. */
const backoff: Record<LaterClass, { first: number; longest: number }> = {
  transient: { first: 4, longest: 60 },
  busy: { first: 30, longest: 60 },
  broker: { first: 5, longest: 300 },
};

/** Gives an orchestration its activities as typed steps that wait and try again, within the budget of the reason, when told to. */
export function proxyActivities(context: OrchestrationContext, progress: Progress): Proxied {
  return new Proxy({} as Proxied, { get: (_, name) => (input: unknown) => callUntilSettled(context, progress, String(name), input) });
}

function* callUntilSettled(context: OrchestrationContext, progress: Progress, name: string, input: unknown): Durable<unknown> {
  const startedAt = now(context);
  for (let attempt = 1; ; attempt++) {
    const settled: Settled<unknown> = yield context.df.callActivityWithRetry(name, unforeseen, input);
    progress.record(settled.attempts ?? []);
    if ("ok" in settled) return settled.ok;
    if ("problem" in settled) throw new ProvisioningError(settled.problem);
    const { class: reason, afterSeconds, problem: because } = settled.later;
    const seconds = afterSeconds ?? drawn(backoff[reason], attempt, `${context.df.instanceId}/${name}/${startedAt}/${attempt}`);
    const nextAt = now(context) + seconds * 1000;
    refuseBeyondBudget(progress, reason, startedAt, nextAt, because);
    yield* waitUntil(context, nextAt);
  }
}

/** Full jitter, so that instances which failed together do not return together; the service's own hint is taken as it is. */
function drawn({ first, longest }: { first: number; longest: number }, attempt: number, seed: string): number {
  return 1 + Math.floor(jitter(seed) * Math.min(longest, first * 2 ** (attempt - 1)));
}

function refuseBeyondBudget(progress: Progress, reason: LaterClass, startedAt: number, nextAt: number, because: Problem): void {
  if (reason === "broker") return;
  if (nextAt > progress.deadlineAt) {
    throw new ProvisioningError(
      problem("OperationDeadlineExceeded", `The deadline passed. Last: ${because.message}`, because.arm ? { arm: because.arm } : {}),
    );
  }
  if (nextAt > startedAt + progress.policy.budgets[reason].seconds * 1000) throw new ProvisioningError(because);
}
