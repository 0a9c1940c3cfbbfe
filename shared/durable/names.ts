// Names that stand in histories, in the store and in logs. Instances in flight were started under
// them: add names, never change one.

/** The orchestrations of the app. */
export const orchestrations = {
  provision: "provisionVpnConnection",
  cancel: "cancelProvisioning",
  answer: "answerMessage",
} as const;
export type OrchestrationName = (typeof orchestrations)[keyof typeof orchestrations];

/** The entities of the app. */
export const entities = {
  lease: "gatewayLease",
  keys: "connectionKeys",
  claim: "completionClaim",
} as const;

/** The steps of a request as the custom status of its instance shows them. */
export type StatusStep =
  | "begun"
  | "answering"
  | "validated"
  | "waiting"
  | "settling"
  | "leaseGranted"
  | "planned"
  | "submitted"
  | "polling"
  | "provisioned"
  | "verified";

/** The steps that the app's log names; operators query and alert by them. */
export type LogStepName =
  | "abandoned"
  | "adopted"
  | "blocked"
  | "busy"
  | "conflict"
  | "deadLetterLeft"
  | "deadLettersUnread"
  | "delayed"
  | "done"
  | "entityFailed"
  | "failed"
  | "interrupted"
  | "leaseGranted"
  | "planned"
  | "polled"
  | "provisioned"
  | "published"
  | "put"
  | "received"
  | "rejected"
  | "repeated"
  | "resubmitted"
  | "retrying"
  | "stuck"
  | "stuckEnded"
  | "submitted"
  | "suspended"
  | "unchanged"
  | "unpublished"
  | "unswept"
  | "validated"
  | "verified"
  | "waiting";
