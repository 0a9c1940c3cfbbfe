import type { CompletionData } from "../contract/completion.ts";

/** The parts of a request's time, in their order. */
export type PhaseName =
  | "wait for delivery"
  | "cancel"
  | "validate"
  | "plan"
  | "wait for gateway"
  | "put"
  | "wait for Azure"
  | "verify"
  | "publish";

/** A part of a request's time, in milliseconds since 1970. */
export interface Phase {
  readonly name: PhaseName;
  readonly startedAt: number;
  readonly endedAt: number;
}

/**
 * Returns where the time of a request went, from its reception until the broker had its answer.
 * Each phase begins when the one before it ends, so the sum of all is the whole time. A phase that
 * the request did not reach is left out.
 */
export function phasesOf(data: Pick<CompletionData, "outcome" | "change" | "problem" | "timing">, publishedAt: number): Phase[] {
  const { outcome, timing } = data;
  const isCancel = isOfCancellation(data);
  const { receivedAt, startedAt, validatedAt, leaseGrantedAt, submittedAt, provisionedAt, completedAt } = timing;
  const isPlan = outcome === "Planned";
  // An event that was made before `validatedAt` existed does not say when the validation ended.
  const validated = validatedAt ?? leaseGrantedAt;
  const workedInAzure = submittedAt !== null && (provisionedAt !== null || outcome !== "Succeeded");
  const reached: readonly (readonly [PhaseName, endedAt: string | null | undefined, isReached: boolean])[] = [
    ["wait for delivery", startedAt, true],
    ["cancel", completedAt, isCancel && startedAt !== null],
    ["validate", validated, !isCancel && startedAt !== null],
    ["plan", completedAt, isPlan && Boolean(validated)],
    ["wait for gateway", leaseGrantedAt, !isPlan && Boolean(validated)],
    ["put", submittedAt, leaseGrantedAt !== null],
    ["wait for Azure", provisionedAt, workedInAzure],
    ["verify", completedAt, provisionedAt !== null || (submittedAt !== null && !workedInAzure)],
    ["publish", new Date(publishedAt).toISOString(), true],
  ];
  const phases: Phase[] = [];
  let time = Date.parse(receivedAt);
  for (const [name, end, isReached] of reached) {
    if (!isReached) continue;
    // Several clocks set these times, so one may be a little before the one that came first.
    const endedAt = Math.max(time, Date.parse(end ?? completedAt));
    phases.push({ name, startedAt: time, endedAt });
    time = endedAt;
  }
  return phases;
}

/** Returns true if the answer is that of a cancellation. No other answer says the same. */
export function isOfCancellation({ outcome, change, problem }: Pick<CompletionData, "outcome" | "change" | "problem">): boolean {
  if (outcome === "Succeeded") return change === null;
  return problem?.code === "RequestFinished" || problem?.code === "RequestUnknown";
}
