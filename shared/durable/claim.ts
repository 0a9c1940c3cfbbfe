import type { Completion } from "../contract/completion.ts";
import type { Asked } from "./answer.ts";
import type { SubmissionNote } from "./before.ts";

/** What is settled about one request for good: its payload, its one answer, and whether somebody wants it stopped. */
export interface Claim {
  /** Fingerprints of the payload that was first, one for each key of the ring; empty while only a cancellation is known. */
  readonly fingerprints: readonly string[];
  /** Who asked for it: should its instance be ended and replaced before it has an answer, nothing else knows. */
  readonly asked?: Asked;
  /** The answer that was claimed first; whatever is published for this request is this. */
  readonly completion: Completion | null;
  /** Whether the broker has taken it. */
  readonly sent: boolean;
  /** Somebody asked for the request to be stopped before it had an answer. */
  readonly cancelled: boolean;
  /** When the sweep found the request's instance without a step, ISO 8601 in UTC. */
  readonly stuckAt?: readonly string[];
  /** The last note of a PUT with keys, until the request has an answer. */
  readonly submission?: SubmissionNote;
}

export const noClaim: Claim = { fingerprints: [], completion: null, sent: false, cancelled: false };

/** What happens to a claim, by operation. The first payload and the first answer stay for ever; repeating any operation changes nothing. */
export const claimOperations = {
  /** An instance begins with a payload. */
  open: (claim: Claim, { fingerprints, asked }: { fingerprints: readonly string[]; asked?: Asked }): Claim =>
    claim.fingerprints.length > 0 ? claim : { ...claim, fingerprints, ...(asked ? { asked } : {}) },
  /** An answer is about to be sent: the first one wins. */
  claim(claim: Claim, { completion }: { completion: Completion }): Claim {
    const { submission: _, ...rest } = claim;
    return claim.completion ? claim : { ...rest, completion };
  },
  /** The request is about to PUT keys. */
  noteSubmission: (claim: Claim, submission: SubmissionNote): Claim => (claim.completion ? claim : { ...claim, submission }),
  /** The broker has taken the answer. */
  sent: (claim: Claim): Claim => (claim.completion ? { ...claim, sent: true } : claim),
  /** Somebody asks for the request to be stopped, whether it has begun or is still on its way. */
  cancel: (claim: Claim): Claim => (claim.completion ? claim : { ...claim, cancelled: true }),
  /** The sweep found the request's instance without a step. */
  noteStuck: (claim: Claim, { at }: { at: string }): Claim =>
    claim.stuckAt?.includes(at) ? claim : { ...claim, stuckAt: [...(claim.stuckAt ?? []), at] },
  /** The request did not come: should it come later, it is carried out. */
  withdraw: (claim: Claim): Claim => (claim.fingerprints.length > 0 ? claim : { ...claim, cancelled: false }),
} as const;

/**
 * What the claim answers after an operation. The completion is large, and an answer stands in the history of whoever asked: to claim answers it only where
 * another one was there first, and to note that it was sent not at all. Who asked is told to whoever begins in the place of another one.
 */
export function claimAnswerOf(claim: Claim, before: Claim, operation: string): Claim {
  const { asked: _, stuckAt: __, submission: ___, ...told } = claim;
  if (operation === "open") return { ...told, ...(before.asked ? { asked: before.asked } : {}) };
  if (operation === "claim") return { ...told, completion: before.completion };
  return operation === "sent" ? { ...told, completion: null } : told;
}

/** Whether two payloads are the same, by fingerprints that were made at different times, under different keys perhaps. */
export function samePayload(one: readonly string[], other: readonly string[]): boolean {
  return one.some((fingerprint) => other.includes(fingerprint));
}
