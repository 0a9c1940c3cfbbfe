import type { Completion } from "../contract/completion.ts";
import { readTraceparent } from "../contract/traceparent.ts";
import type { ProvisioningRequest } from "./request.ts";

/** The input of the orchestration that publishes a completion. */
export interface AnswerInput {
  /** The entity key of the claim: the id of the instance that the completion belongs to. */
  readonly claimId: string;
  /** Fingerprints of the payload that the completion is for. */
  readonly fingerprints: readonly string[];
  readonly completion: Completion;
}

/** The part of a request that its completion repeats, and the session that it is sent to. */
export type RequestHeader = Pick<
  ProvisioningRequest,
  "requestId" | "requestSource" | "traceparent" | "ticket" | "receivedAt" | "replySessionId"
>;

/** Returns the header of a request. If its `traceparent` is malformed, it becomes null. */
export function requestHeaderOf({
  requestId,
  requestSource,
  traceparent,
  ticket,
  receivedAt,
  replySessionId,
}: RequestHeader): RequestHeader {
  return { requestId, requestSource, traceparent: readTraceparent(traceparent), ticket, receivedAt, replySessionId };
}
