/** Who must act before the same request can succeed: `nobody` when time alone will do. */
export type Actor = "requester" | "operator" | "nobody";

/** Every problem code of the contract, with who must act and whether the same request, sent again under a new id, may succeed. */
export const problemCodes = {
  InvalidRequest: {
    actor: "requester",
    retryable: false,
    means: "The request breaks the contract; `details` has every finding.",
  },
  UnreadableMessage: {
    actor: "requester",
    retryable: false,
    means: "The message cannot be read as a request; it, or a reference to it, is kept in the quarantine queue.",
  },
  UnsupportedVersion: {
    actor: "requester",
    retryable: false,
    means: "The event type is none that this app takes.",
  },
  SourceNotAllowed: { actor: "requester", retryable: false, means: "The source is none of the queue's, or not the cancelled request's." },
  TargetNotAllowed: { actor: "requester", retryable: false, means: "The source may not change this gateway; nothing was read in Azure." },
  RequestIdConflict: {
    actor: "requester",
    retryable: false,
    means: "A request with this source and id had another payload; that one goes on untouched.",
  },
  Superseded: {
    actor: "requester",
    retryable: false,
    means: "A newer request for the connection was sent to Azure first; this one changed nothing.",
  },
  RequestRefused: {
    actor: "requester",
    retryable: false,
    means: "Azure refused the change for good.",
  },
  NotAuthorized: {
    actor: "operator",
    retryable: false,
    means: "The app's identity may not make the change, or a policy or a lock forbids it.",
  },
  QuotaExceeded: {
    actor: "operator",
    retryable: false,
    means: "A limit of the subscription, the hub or the gateway is reached.",
  },
  SecretNotAllowed: {
    actor: "requester",
    retryable: false,
    means: "The request names a key by a URI that is none of a Key Vault secret, or a vault or a secret that requests may not name.",
  },
  SecretUnusable: {
    actor: "requester",
    retryable: false,
    means: "The secret that the request names is missing, disabled, expired, not valid yet, or no pre-shared key.",
  },
  SecretForbidden: {
    actor: "operator",
    retryable: false,
    means: "The vault does not give the secret to the app: its identity lacks the right, or the vault's network rules keep it out.",
  },
  NotFound: {
    actor: "requester",
    retryable: false,
    means: "The gateway, or something else that the request names, does not exist.",
  },
  GatewayBusy: {
    actor: "nobody",
    retryable: true,
    means: "Another change kept the gateway busy for as long as it may be waited for.",
  },
  ServiceUnavailable: {
    actor: "nobody",
    retryable: true,
    means: "Resource Manager or Key Vault did not answer, or not properly, for as long as it may be tried.",
  },
  OperationFailed: {
    actor: "requester",
    retryable: false,
    means: "Azure began the change and could not carry it out; `arm` has its reason.",
  },
  OperationCanceled: {
    actor: "operator",
    retryable: true,
    means: "Somebody or something canceled the operation in Azure.",
  },
  QueueDeadlineExceeded: {
    actor: "nobody",
    retryable: true,
    means: "The request waited for its gateway for as long as it may; nothing was changed.",
  },
  RequestCancelled: {
    actor: "requester",
    retryable: true,
    means: "Somebody cancelled the request; `armState` says whether Azure had begun.",
  },
  RequestUnknown: {
    actor: "requester",
    retryable: true,
    means: "A cancellation names a request that did not come.",
  },
  RequestFinished: {
    actor: "nobody",
    retryable: false,
    means: "A cancellation names a request that had its answer already.",
  },
  Interrupted: {
    actor: "operator",
    retryable: true,
    means: "The request was ended from outside, or the app failed; what Azure had begun may still happen.",
  },
  Undeliverable: {
    actor: "operator",
    retryable: true,
    means: "The app could not begin the request however often the message was delivered.",
  },
  OperationDeadlineExceeded: {
    actor: "operator",
    retryable: true,
    means: "The deadline passed while the change was under way; it may still happen in Azure.",
  },
  ProvisioningFailed: {
    actor: "operator",
    retryable: true,
    means: "Azure called the operation done, and the connection or one of its links has failed.",
  },
  ResourceVanished: {
    actor: "operator",
    retryable: true,
    means: "The connection disappeared from Azure while it was being changed.",
  },
  InternalError: {
    actor: "operator",
    retryable: true,
    means: "The app failed in a way it does not know; its log has the error.",
  },
} as const satisfies Record<string, { actor: Actor; retryable: boolean; means: string }>;

/** A stable code that requesters may branch on. */
export type ProblemCode = keyof typeof problemCodes;
