import { RetryOptions } from "durable-functions";
import type { Try } from "../functions/connection-input.ts";
import type { Activities } from "../functions/index.ts";
import { type Problem, type ProblemCode, problem } from "../shared/contract/problem.ts";
import type { Attempt, LaterClass, Settled } from "../shared/durable/settled.ts";
import type { Policy } from "../shared/policy.ts";
import { type Durable, now, type OrchestrationContext } from "./durable.ts";
import { jitter } from "./jitter.ts";
import { ProvisioningError } from "./provisioning-error.ts";
import { wait } from "./wait.ts";

/** How long steps may be tried again, and what becomes of their attempts. */
export interface Patience {
  readonly budgets: Policy["budgets"];
  /** How early a timer may fire. */
  readonly timersFireEarlySeconds: number;
  /** When the wait for the gateway must be over, and from the grant of its lease on the change, in milliseconds since the Unix epoch. */
  deadlineAt: number;
  deadlineCode: "QueueDeadlineExceeded" | "OperationDeadlineExceeded";
  /** Until when the service asked to be left alone, in milliseconds since the Unix epoch. */
  notBefore: number;
  /** The outcome is known: a cancellation comes too late. */
  answered: boolean;
  /** How often each activity was called. */
  readonly tries: Record<string, number>;
  /** A step ended with a problem that is final, not for want of time. */
  concluded(code: ProblemCode): void;
  /** Notes what Resource Manager answered. */
  record(attempts: readonly Attempt[]): void;
}

/** The activities as an orchestration calls them: `yield* putConnection(input)` answers the result, or throws a ProvisioningError. */
export type Proxied = {
  readonly [Name in keyof Activities]: Activities[Name] extends (input: infer Input, ...rest: never[]) => Promise<Settled<infer Result>>
    ? (input: Omit<Input, keyof Try>) => Durable<Result>
    : never;
};

/** Durable retries are blind to the reason, so they are kept for what nobody foresaw; every foreseen failure comes back as data. */
const unforeseen = new RetryOptions(5_000, 3);

/** A new token or a new role may need this long to arrive; then the answer stands. */
const UNAUTHORIZED_SECONDS = 30;

/** Activities that call Resource Manager: they are told which try it is, because ids of calls are made of it. */
const counted = new Set<string>([
  "validateRequest",
  "planConnection",
  "readConnectionState",
  "putConnection",
  "pollOperation",
  "verifyConnection",
] satisfies (keyof Activities)[]);

/**
 * First wait and longest wait in seconds, where the service names none; each wait is drawn between nothing and the doubled last one. A broker may be away
 * for weeks: after hours its waits grow on, up to `late`, because each try adds to the history.
 */
const backoff: Record<Exclude<LaterClass, "unauthorized">, Backoff> = {
  transient: { first: 4, longest: 60 },
  busy: { first: 30, longest: 60 },
  broker: { first: 5, longest: 300, late: 1_800 },
};
interface Backoff {
  readonly first: number;
  readonly longest: number;
  readonly late?: number;
}

/** Gives an orchestration its activities as typed steps that wait and try again, within the budget of the reason, when told to. */
export function proxyActivities(context: OrchestrationContext, patience: Patience): Proxied {
  return new Proxy({} as Proxied, { get: (_, name) => (input: unknown) => callUntilSettled(context, patience, String(name), input) });
}

function* callUntilSettled(context: OrchestrationContext, patience: Patience, name: string, input: unknown): Durable<unknown> {
  const startedAt = now(context);
  let carried: unknown;
  for (let attempt = 1; ; attempt++) {
    patience.tries[name] = (patience.tries[name] ?? 0) + 1;
    const thisTry = counted.has(name) ? { ...(input as object), attempt: patience.tries[name], carried } : input;
    const settled: Settled<unknown> = yield context.df.callActivityWithRetry(name, unforeseen, thisTry);
    patience.record(settled.attempts ?? []);
    if ("ok" in settled) return settled.ok;
    if ("problem" in settled) {
      patience.concluded(settled.problem.code);
      throw new ProvisioningError(settled.problem);
    }
    const { class: reason, afterSeconds, problem: because } = settled.later;
    carried = settled.later.carried ?? carried;
    if (reason === "unauthorized" && attempt > 1) throw new ProvisioningError(because);
    const seconds =
      reason === "unauthorized"
        ? UNAUTHORIZED_SECONDS
        : afterSeconds === undefined
          ? drawn(backoff[reason], attempt, (now(context) - startedAt) / 1000, `${context.df.instanceId}/${name}/${startedAt}/${attempt}`)
          : hinted(backoff[reason], afterSeconds, (now(context) - startedAt) / 1000);
    const nextAt = now(context) + seconds * 1000;
    if (afterSeconds !== undefined) patience.notBefore = nextAt;
    refuseBeyondBudget(patience, reason, startedAt, nextAt, because);
    yield* wait(context, patience, nextAt);
  }
}

/** Full jitter, so that instances which failed together do not return together; a late wait is at least half as long as it may be. */
function drawn({ first, longest, late = longest }: Backoff, attempt: number, waitedSeconds: number, seed: string): number {
  const grown = Math.min(late, waitedSeconds / 12);
  if (grown > longest) return grown * (0.5 + jitter(seed) / 2);
  return 1 + Math.floor(jitter(seed) * Math.min(longest, first * 2 ** (attempt - 1)));
}

/** The service's own hint, never less; whoever names hardly any wait again and again is asked less and less often, so that the history stays short. */
function hinted({ longest }: Backoff, afterSeconds: number, waitedSeconds: number): number {
  return Math.max(afterSeconds, 1, Math.min(waitedSeconds / 10, longest));
}

function refuseBeyondBudget(patience: Patience, reason: LaterClass, startedAt: number, nextAt: number, because: Problem): void {
  if (reason === "broker" || reason === "unauthorized") return;
  if (nextAt > patience.deadlineAt) {
    throw new ProvisioningError(
      problem(patience.deadlineCode, `The deadline passed. The last problem: ${because.message}`, because.arm ? { arm: because.arm } : {}),
    );
  }
  if (nextAt > startedAt + patience.budgets[reason].seconds * 1000) throw new ProvisioningError(because);
}
