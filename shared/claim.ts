import type { Completion } from "./contract/completion.ts";

/** What is settled about one request for good: its payload, its one answer, and whether somebody wants it stopped. */
export interface Claim {
  /** Fingerprints of the payload that was first, one for each key of the ring; empty while only a cancellation is known. */
  readonly fingerprints: readonly string[];
  /** The answer that was claimed first; whatever is published for this request is this. */
  readonly completion: Completion | null;
  /** Whether the broker has taken it. */
  readonly sent: boolean;
  /** Somebody asked for the request to be stopped before it had an answer. */
  readonly cancelled: boolean;
}

export const noClaim: Claim = { fingerprints: [], completion: null, sent: false, cancelled: false };

/** What happens to a claim, by operation. The first payload and the first answer stay for ever; repeating any operation changes nothing. */
export const claimOperations = {
  /** An instance begins with a payload. */
  open: (claim: Claim, { fingerprints }: { fingerprints: readonly string[] }): Claim =>
    claim.fingerprints.length > 0 ? claim : { ...claim, fingerprints },
  /** An answer is about to be sent: the first one wins. */
  claim: (claim: Claim, { completion }: { completion: Completion }): Claim => (claim.completion ? claim : { ...claim, completion }),
  /** The broker has taken the answer. */
  sent: (claim: Claim): Claim => (claim.completion ? { ...claim, sent: true } : claim),
  /** Somebody asks for the request to be stopped, whether it has begun or is still on its way. */
  cancel: (claim: Claim): Claim => (claim.completion ? claim : { ...claim, cancelled: true }),
  /** The request did not come: should it come later, it is carried out. */
  withdraw: (claim: Claim): Claim => (claim.fingerprints.length > 0 ? claim : { ...claim, cancelled: false }),
} as const;

/**
 * What the claim answers after an operation. The completion is large, and an answer stands in the history of whoever asked: to claim answers it only where
 * another one was there first, and to note that it was sent not at all.
 */
export function claimAnswerOf(claim: Claim, before: Claim, operation: string): Claim {
  if (operation === "claim") return { ...claim, completion: before.completion };
  return operation === "sent" ? { ...claim, completion: null } : claim;
}

/** Whether two payloads are the same, by fingerprints that were made at different times, under different keys perhaps. */
export function samePayload(one: readonly string[], other: readonly string[]): boolean {
  return one.some((fingerprint) => other.includes(fingerprint));
}
