import type { Completion } from "../contract/completion.ts";
import { wellFormedTraceparent } from "../contract/traceparent.ts";
import type { ProvisioningRequest } from "./request.ts";

/** An answer on its way to an orchestration that publishes it. */
export interface AnswerInput {
  /** Whose answer it is: the claim's key. */
  readonly claimId: string;
  /** The payload it answers. */
  readonly fingerprints: readonly string[];
  readonly completion: Completion;
}

/** Who asked, and where the answer goes. */
export type Asked = Pick<ProvisioningRequest, "requestId" | "requestSource" | "traceparent" | "ticket" | "receivedAt" | "replySessionId">;

/** Takes who asked out of a request. */
export function askedIn({ requestId, requestSource, traceparent, ticket, receivedAt, replySessionId }: Asked): Asked {
  return { requestId, requestSource, traceparent: wellFormedTraceparent(traceparent), ticket, receivedAt, replySessionId };
}
