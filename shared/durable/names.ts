// Names in histories and in the store. Running instances use them: add names, but never
// change or remove one.

/** The orchestrations of the app. */
export const orchestrations = {
  provision: "provisionVpnConnection",
  cancel: "cancelProvisioning",
  answer: "answerMessage",
} as const;
export type OrchestrationName = (typeof orchestrations)[keyof typeof orchestrations];

/** The entities of the app. */
export const entities = {
  gateway: "gateway",
  request: "request",
} as const;

/** The steps of a request in the custom status of its instance. */
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
