import { randomUUID } from "node:crypto";

/**
 * AMQP error conditions of Service Bus
 * (https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-amqp-troubleshoot),
 * with the status number of each in a management response.
 */
const statusOf = {
  "amqp:not-found": 404,
  "amqp:not-allowed": 400,
  "amqp:not-implemented": 501,
  "amqp:internal-error": 500,
  "amqp:decode-error": 400,
  "amqp:link:message-size-exceeded": 400,
  "com.microsoft:message-lock-lost": 410,
  "com.microsoft:session-lock-lost": 410,
  "com.microsoft:session-cannot-be-locked": 400,
  "com.microsoft:message-not-found": 404,
  "com.microsoft:timeout": 408,
  "com.microsoft:argument-error": 400,
  "com.microsoft:server-busy": 503,
  "amqp:link:detach-forced": 400,
} as const;

export type Condition = keyof typeof statusOf;

/** An error that the client gets as an AMQP condition. */
export class ServiceBusError extends Error {
  readonly condition: Condition;
  constructor(condition: Condition, message: string) {
    super(message);
    this.condition = condition;
  }
}

/** Returns an error in AMQP's form, with the trace text that Service Bus appends. */
export function amqpErrorOf(error: unknown): { condition: Condition; description: string } {
  const condition = error instanceof ServiceBusError ? error.condition : "amqp:internal-error";
  const message = error instanceof Error ? error.message : String(error);
  return {
    condition,
    description: `${message} Reference:${randomUUID()}, TrackingId:local, SystemTracker:local, Timestamp:${new Date().toISOString()}`,
  };
}

/** Returns the status number of a management response. */
export function managementStatusOf({ condition }: { condition: Condition }): number {
  return statusOf[condition];
}

/** Returns the error for an operation that this broker does not support. */
export function notImplementedError(what: string): ServiceBusError {
  return new ServiceBusError("amqp:not-implemented", `The local Service Bus does not support ${what}; use a real namespace.`);
}
