import { randomUUID } from "node:crypto";

/** AMQP conditions as Service Bus uses them (https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-amqp-troubleshoot), and the management status of each. */
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

/** A refusal that the client is told, by its AMQP condition. */
export class ServiceBusError extends Error {
  readonly condition: Condition;
  constructor(condition: Condition, message: string) {
    super(message);
    this.condition = condition;
  }
}

/** An error as AMQP carries it, with the trace text that Service Bus appends. */
export function amqpErrorOf(error: unknown): { condition: Condition; description: string } {
  const condition = error instanceof ServiceBusError ? error.condition : "amqp:internal-error";
  const message = error instanceof Error ? error.message : String(error);
  return {
    condition,
    description: `${message} Reference:${randomUUID()}, TrackingId:local, SystemTracker:local, Timestamp:${new Date().toISOString()}`,
  };
}

/** The status number of a management answer. */
export function managementStatus({ condition }: { condition: Condition }): number {
  return statusOf[condition];
}

/** An operation that this broker does not have. */
export function notImplemented(what: string): ServiceBusError {
  return new ServiceBusError("amqp:not-implemented", `The local Service Bus does not support ${what}; use a real namespace.`);
}
