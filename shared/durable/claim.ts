import type { Completion } from "../contract/completion.ts";
import type { RequestHeader } from "./answer.ts";
import type { SubmissionNote } from "./before.ts";

/** The state of one request's claim: its payload, its completion, and whether it was cancelled. */
export interface Claim {
  /**
   * Fingerprints of the first payload, one for each sealing key. Empty if only a cancellation
   * arrived so far.
   */
  readonly fingerprints: readonly string[];
  /**
   * The header of the first payload. If the instance is replaced before its completion, this is
   * the only place that still has it.
   */
  readonly asked?: RequestHeader;
  /** The completion that was claimed first. Only this one is ever published for the request. */
  readonly completion: Completion | null;
  /** True if the broker accepted the completion. */
  readonly sent: boolean;
  /** True if a cancellation arrived before the request had a completion. */
  readonly cancelled: boolean;
  /** The times (ISO 8601, UTC) at which the sweep found that the instance had made no step. */
  readonly stuckAt?: readonly string[];
  /** The last note of a PUT with keys. Removed when the completion is claimed. */
  readonly submission?: SubmissionNote;
}

export const noClaim: Claim = { fingerprints: [], completion: null, sent: false, cancelled: false };

/**
 * The operations of a claim. The first payload and the first completion are never replaced.
 * Repeating an operation changes nothing.
 */
export const claimOperations = {
  /** Stores the payload with which an instance begins. */
  open: (claim: Claim, { fingerprints, asked }: { fingerprints: readonly string[]; asked?: RequestHeader }): Claim =>
    claim.fingerprints.length > 0 ? claim : { ...claim, fingerprints, ...(asked ? { asked } : {}) },
  /**
   * Stores the completion that is about to be sent. The first one wins. If there is no payload yet,
   * also stores the fingerprints of the completion's payload.
   */
  claim(claim: Claim, { completion, fingerprints }: { completion: Completion; fingerprints?: readonly string[] }): Claim {
    const { submission: _, ...rest } = fingerprints ? claimOperations.open(claim, { fingerprints }) : claim;
    return claim.completion ? claim : { ...rest, completion };
  },
  /** Stores the note of a PUT with keys. */
  noteSubmission: (claim: Claim, submission: SubmissionNote): Claim => (claim.completion ? claim : { ...claim, submission }),
  /** Notes that the broker accepted the completion. */
  sent: (claim: Claim): Claim => (claim.completion ? { ...claim, sent: true } : claim),
  /** Notes a cancellation. It may arrive before the request does. */
  cancel: (claim: Claim): Claim => (claim.completion ? claim : { ...claim, cancelled: true }),
  /** Notes the time at which the sweep found that the instance had made no step. */
  noteStuck: (claim: Claim, { at }: { at: string }): Claim =>
    claim.stuckAt?.includes(at) ? claim : { ...claim, stuckAt: [...(claim.stuckAt ?? []), at] },
  /**
   * Removes the cancellation of a request that never arrived. If it arrives later, it is carried
   * out.
   */
  withdraw: (claim: Claim): Claim => (claim.fingerprints.length > 0 ? claim : { ...claim, cancelled: false }),
} as const;

/**
 * Returns the result of an operation for its caller. The result is stored in the caller's history
 * and completions are large. So `claim` returns the completion only if another one was claimed
 * before. `open` also returns the header of an instance that the
 * caller replaces.
 */
export function claimViewOf(claim: Claim, before: Claim, operation: string): Claim {
  const { asked: _, stuckAt: __, submission: ___, ...view } = claim;
  if (operation === "open") return { ...view, ...(before.asked ? { asked: before.asked } : {}) };
  return operation === "claim" ? { ...view, completion: before.completion } : view;
}

/**
 * Returns true if two payloads have a fingerprint in common. The lists may have been made at
 * different times with different sealing keys.
 */
export function isSamePayload(one: readonly string[], other: readonly string[]): boolean {
  return one.some((fingerprint) => other.includes(fingerprint));
}

/**
 * Returns whether two payloads are the same; undefined if their fingerprints cannot be compared,
 * because no sealing key made both.
 */
export function comparePayloads(one: readonly string[], other: readonly string[]): boolean | undefined {
  if (isSamePayload(one, other)) return true;
  const keyIdOf = (fingerprint: string) => fingerprint.slice(0, fingerprint.lastIndexOf("."));
  const known = other.map(keyIdOf);
  return one.some((fingerprint) => known.includes(keyIdOf(fingerprint))) ? false : undefined;
}
