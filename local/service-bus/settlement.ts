type Properties = Readonly<Record<string, unknown>>;

/** Why a message becomes a dead letter. */
export interface DeadLettering {
  readonly reason?: string;
  readonly description?: string;
  readonly properties?: Properties;
}

/**
 * How a message is settled
 * (https://learn.microsoft.com/en-us/azure/service-bus-messaging/message-transfers-locks-settlement).
 */
export type Settlement =
  | { readonly verb: "complete" }
  | { readonly verb: "abandon" | "defer"; readonly properties?: Properties }
  | ({ readonly verb: "deadLetter" } & DeadLettering);

/** Returns the application properties that are changed or added. */
export function changesOf({ reason, description, properties }: DeadLettering): Properties {
  return {
    ...properties,
    ...(reason === undefined ? {} : { DeadLetterReason: reason }),
    ...(description === undefined ? {} : { DeadLetterErrorDescription: description }),
  };
}
