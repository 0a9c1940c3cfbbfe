/** Who must act before the same request can succeed: `nobody` if it is enough to wait. */
export type Actor = "requester" | "operator" | "nobody";

/**
 * The problem codes of the contract: who must act, and whether the same request with a new id may
 * succeed.
 */
export const problemCodes = {
  InvalidRequest: {
    actor: "requester",
    retryable: false,
    means: "The request breaks the contract. `details` has every finding.",
  },
  UnreadableMessage: {
    actor: "requester",
    retryable: false,
    means: "The message cannot be read as a request. The quarantine queue keeps it, or its size and hash if it is too large.",
  },
  UnsupportedVersion: {
    actor: "requester",
    retryable: false,
    means: "This event type is not supported.",
  },
  SourceNotAllowed: {
    actor: "requester",
    retryable: false,
    means: "The source is not allowed on this queue, or a cancellation has another source than its request.",
  },
  TargetNotAllowed: {
    actor: "requester",
    retryable: false,
    means: "The source may not change this gateway. Nothing was read in Azure.",
  },
  RequestIdConflict: {
    actor: "requester",
    retryable: false,
    means: "An earlier request with this source and id has another payload. The earlier one is not affected.",
  },
  Superseded: {
    actor: "requester",
    retryable: false,
    means: "A newer request for the connection was sent to Azure first. This one changed nothing.",
  },
  RequestRefused: {
    actor: "requester",
    retryable: false,
    means: "Azure refused the change, and trying again does not help.",
  },
  NotAuthorized: {
    actor: "operator",
    retryable: false,
    means: "The app's identity lacks a permission, or a policy or a lock forbids the change.",
  },
  QuotaExceeded: {
    actor: "operator",
    retryable: false,
    means: "A limit of the subscription, the hub or the gateway is reached.",
  },
  SecretNotAllowed: {
    actor: "requester",
    retryable: false,
    means: "Requests may not use this vault or this secret. Nothing was read in Azure.",
  },
  SecretUnusable: {
    actor: "requester",
    retryable: false,
    means: "The Key Vault secret is missing, disabled, expired or not valid yet, or its value is not a pre-shared key.",
  },
  SecretForbidden: {
    actor: "operator",
    retryable: false,
    means: "The app cannot read the Key Vault secret: it lacks a role, or the vault's network rules block it.",
  },
  NotFound: {
    actor: "requester",
    retryable: false,
    means: "The gateway, or another resource that the request names, does not exist.",
  },
  GatewayBusy: {
    actor: "nobody",
    retryable: true,
    means: "Other changes kept the gateway busy for too long.",
  },
  ServiceUnavailable: {
    actor: "nobody",
    retryable: true,
    means: "Azure was not available for too long.",
  },
  OperationFailed: {
    actor: "requester",
    retryable: false,
    means: "Azure started the change, but it failed. `arm` has the reason.",
  },
  OperationCanceled: {
    actor: "operator",
    retryable: true,
    means: "The operation was cancelled in Azure, or another change replaced it.",
  },
  QueueDeadlineExceeded: {
    actor: "nobody",
    retryable: true,
    means: "The request waited for its gateway until its queue deadline passed. Nothing was changed.",
  },
  RequestCancelled: {
    actor: "requester",
    retryable: true,
    means: "The request was cancelled. `message` says whether Azure may still be working on it.",
  },
  RequestUnknown: {
    actor: "requester",
    retryable: true,
    means: "The request to cancel was not received.",
  },
  RequestFinished: {
    actor: "nobody",
    retryable: false,
    means: "The request to cancel was already finished.",
  },
  Interrupted: {
    actor: "operator",
    retryable: true,
    means: "The request was stopped from outside, or the app failed. A change that Azure has started may still happen.",
  },
  Undeliverable: {
    actor: "operator",
    retryable: true,
    means: "The app could not start the request, although the message was delivered many times.",
  },
  OperationDeadlineExceeded: {
    actor: "operator",
    retryable: true,
    means: "The deadline passed before Azure finished. The change may still happen in Azure.",
  },
  ProvisioningFailed: {
    actor: "operator",
    retryable: true,
    means: "Azure reported the operation as finished, but the connection or one of its links is in a failed state.",
  },
  ResourceVanished: {
    actor: "operator",
    retryable: true,
    means: "The connection disappeared from Azure while it was being changed.",
  },
  InternalError: {
    actor: "operator",
    retryable: true,
    means: "The app failed unexpectedly. Its log has the error.",
  },
} as const satisfies Record<string, { actor: Actor; retryable: boolean; means: string }>;

/** A stable code. Programs may depend on it. */
export type ProblemCode = keyof typeof problemCodes;
