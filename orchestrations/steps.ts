import { RetryOptions } from "durable-functions";
import { type Problem, type ProblemCode, problem } from "../shared/contract/problem.ts";
import type { Activities, Try } from "../shared/durable/activities.ts";
import type { Before } from "../shared/durable/before.ts";
import type { Attempt, LaterClass, Settled } from "../shared/durable/settled.ts";
import { type Durable, now, type OrchestrationContext } from "./durable.ts";
import { jitterOf } from "./jitter.ts";
import { ProvisioningError } from "./provisioning-error.ts";
import type { Retries } from "./retries.ts";
import { waitUntil } from "./wait-until.ts";

type InputOf<Name extends keyof Activities> = Parameters<Activities[Name]>[0];
type ResultOf<Name extends keyof Activities> = ReturnType<Activities[Name]> extends Promise<Settled<infer Result>> ? Result : never;

/**
 * The activities, as an orchestration calls them. `yield* putConnection(input)` returns the result,
 * or throws ProvisioningError. If another activity has made the first try already, `first` is its
 * result.
 */
export type Steps = {
  readonly [Name in keyof Activities]: (input: Omit<InputOf<Name>, keyof Try>, first?: Settled<ResultOf<Name>>) => Durable<ResultOf<Name>>;
};

/** Gets the results of each try of each step. */
export interface Observer {
  /** Notes calls of Resource Manager. */
  noteCalls(attempts: readonly Attempt[]): void;
  /** Notes the final problem of a step. A deadline that passed is not one. */
  noteFinalProblem(code: ProblemCode): void;
}

/**
 * Which activities call Resource Manager. Each try of them gets a number, which its client request
 * ids need.
 */
const steps: { readonly [Name in keyof Activities]: { readonly callsAzure: InputOf<Name> extends Try ? true : false } } = {
  validateRequest: { callsAzure: true },
  validateCancel: { callsAzure: false },
  inspectInstance: { callsAzure: false },
  wakeInstances: { callsAzure: false },
  readConnectionState: { callsAzure: true },
  planConnection: { callsAzure: true },
  putConnection: { callsAzure: true },
  pollOperation: { callsAzure: true },
  verifyConnection: { callsAzure: true },
  publishCompletion: { callsAzure: false },
  handOverAnswer: { callsAzure: false },
};

/**
 * Durable retries are used only for unforeseen errors, because they do not know the reason.
 * Foreseen failures are data.
 */
const unforeseen = new RetryOptions(5_000, 3);

/** How long a new token or a new role may need until it works. After that the refusal is final. */
const UNAUTHORIZED_SECONDS = 30;

/** For how long a resource must be missing, in each read, until this is believed. */
const MISSING_SECONDS = 90;

/**
 * The waits in seconds if there is no Retry-After. Each has jitter, up to a bound that doubles with
 * each try.
 */
interface Backoff {
  readonly first: number;
  readonly longest: number;
  /**
   * After hours the waits grow further, up to this many seconds, because each try adds to the
   * history.
   */
  readonly late?: number;
}
const backoff: Record<Exclude<LaterClass, "unauthorized">, Backoff> = {
  transient: { first: 4, longest: 60 },
  busy: { first: 30, longest: 60 },
  missing: { first: 8, longest: 20 },
  // A broker may be unavailable for weeks.
  broker: { first: 5, longest: 300, late: 1_800 },
  // Another instance of the app may have the sealing key already. Settings may need a day to reach
  // all of them.
  sealing: { first: 4, longest: 60, late: 1_800 },
};

/**
 * Returns the activities as typed steps. If an activity must be tried later, the step waits and
 * retries within its budget.
 */
export function openSteps(context: OrchestrationContext, retries: Retries, observer?: Observer): Steps {
  const call =
    (name: keyof Activities) =>
    (input: unknown, first?: Settled<unknown>): Durable<unknown> =>
      callUntilSettled(context, retries, observer, name, input, first);
  return Object.fromEntries((Object.keys(steps) as (keyof Activities)[]).map((name) => [name, call(name)])) as unknown as Steps;
}

function* callUntilSettled(
  context: OrchestrationContext,
  retries: Retries,
  observer: Observer | undefined,
  name: keyof Activities,
  input: unknown,
  first: Settled<unknown> | undefined,
): Durable<unknown> {
  const startedAt = now(context);
  let before: Before | undefined;
  let missingSince: number | undefined;
  let number = retries.countTry(name);
  for (let attempt = 1; ; attempt++) {
    const thisTry = steps[name].callsAzure ? { ...(input as object), attempt: number, ...(before ? { before } : {}) } : input;
    const settled: Settled<unknown> = first && attempt === 1 ? first : yield context.df.callActivityWithRetry(name, unforeseen, thisTry);
    observer?.noteCalls(settled.attempts ?? []);
    if ("ok" in settled) return settled.ok;
    if ("problem" in settled) {
      observer?.noteFinalProblem(settled.problem.code);
      throw new ProvisioningError(settled.problem);
    }
    const { class: reason, afterSeconds, problem: because } = settled.later;
    before = settled.later.carried ?? before;
    if (reason === "unauthorized" && attempt > 1) throw new ProvisioningError(because);
    const waitedSeconds = (now(context) - startedAt) / 1000;
    const seed = `${context.df.instanceId}/${name}/${startedAt}/${attempt}`;
    const nextAt = now(context) + secondsToNextTry(reason, afterSeconds, { attempt, waitedSeconds, seed }) * 1000;
    if (afterSeconds !== undefined) retries.postpone(nextAt);
    missingSince = reason === "missing" ? (missingSince ?? now(context)) : undefined;
    checkDeadline(retries, reason, nextAt, because);
    const endsAt = budgetEndOf(retries, reason, missingSince ?? startedAt);
    if (nextAt > endsAt) {
      // The resource was missing in each read, so the change is over.
      if (reason === "missing") observer?.noteFinalProblem(because.code);
      throw new ProvisioningError(because);
    }
    yield* waitUntil(context, retries, nextAt);
    // Without the sealing key nothing was called. The same number again: an earlier run of this try
    // may have sent a PUT, and its note has the number.
    if (reason !== "sealing") number = retries.countTry(name);
  }
}

function secondsToNextTry(
  reason: LaterClass,
  afterSeconds: number | undefined,
  { attempt, waitedSeconds, seed }: { readonly attempt: number; readonly waitedSeconds: number; readonly seed: string },
): number {
  if (reason === "unauthorized") return UNAUTHORIZED_SECONDS;
  if (afterSeconds === undefined) return secondsWithoutHint(backoff[reason], attempt, waitedSeconds, seed);
  return secondsWithHint(backoff[reason], afterSeconds, waitedSeconds);
}

/**
 * Uses full jitter, so that instances that failed together do not retry together. Late waits are at
 * least half the bound.
 */
function secondsWithoutHint({ first, longest, late = longest }: Backoff, attempt: number, waitedSeconds: number, seed: string): number {
  const grown = Math.min(late, waitedSeconds / 12);
  if (grown > longest) return grown * (0.5 + jitterOf(seed) / 2);
  return 1 + Math.floor(jitterOf(seed) * Math.min(longest, first * 2 ** (attempt - 1)));
}

/**
 * Never shorter than Retry-After. Repeated short ones grow with the time waited, so the history
 * stays bounded.
 */
function secondsWithHint({ longest }: Backoff, afterSeconds: number, waitedSeconds: number): number {
  return Math.max(afterSeconds, 1, Math.min(waitedSeconds / 10, longest));
}

function checkDeadline(retries: Retries, reason: LaterClass, nextAt: number, because: Problem): void {
  if (reason === "broker" || reason === "unauthorized" || nextAt <= retries.deadlineAt) return;
  const text = `The deadline passed. The last problem: ${because.message}`;
  const late = problem(retries.deadlineCode, text, because.arm ? { arm: because.arm } : {});
  // Only an operator can give the app its sealing key.
  throw new ProvisioningError(reason === "sealing" ? { ...late, actor: because.actor } : late);
}

/** Returns until when a step may be tried again for this reason. */
function budgetEndOf(retries: Retries, reason: LaterClass, since: number): number {
  if (reason === "broker" || reason === "unauthorized" || reason === "sealing") return Number.POSITIVE_INFINITY;
  return since + (reason === "missing" ? MISSING_SECONDS : retries.budgets[reason].seconds) * 1000;
}
