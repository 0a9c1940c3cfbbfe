import { encodeLongArray, encodeTimestampArray, readNumber, types } from "./amqp-values.ts";
import type { Entity } from "./entities.ts";
import { notImplementedError, ServiceBusError } from "./errors.ts";
import { messageOf } from "./message.ts";
import { encodeMessage } from "./message-encoding.ts";
import type { Queue } from "./queue.ts";
import type { Settlement } from "./settlement.ts";

type Body = Readonly<Record<string, unknown>>;
/** The result of a management operation: a body, or "none" if nothing was found. */
type Result = Body | "none";

/**
 * The operations of an entity's `$management` node, by name. Each returns the body of the response
 * (https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-amqp-request-response).
 */
const operations: Readonly<Record<string, (entity: Entity, body: Body) => Result>> = {
  "renew-lock": (entity, body) => ({ expirations: encodeTimestampArray(tokensOf(body).map((token) => queueOf(entity).renew(token))) }),

  "peek-message"(entity, body) {
    const session = body["session-id"];
    const found = queueOf(entity).peek(
      readNumber(body["from-sequence-number"]),
      Number(body["message-count"]),
      typeof session === "string" ? session : undefined,
    );
    return found.length === 0
      ? "none"
      : { messages: found.map((message) => types.wrap_map({ message: types.wrap_binary(encodeMessage(message)) })) };
  },

  "schedule-message"(entity, body) {
    const destination = destinationOf(entity);
    const messages = toArray(body["messages"]).map((entry) => messageOf((entry as { message: Buffer }).message));
    for (const message of messages) destination.check(message);
    return { "sequence-numbers": encodeLongArray(messages.map(destination.enqueue)) };
  },

  "cancel-scheduled-message"(entity, body) {
    for (const number of toArray(body["sequence-numbers"])) destinationOf(entity).cancelScheduled(readNumber(number));
    return {};
  },

  "receive-by-sequence-number"(entity, body) {
    const locked = body["receiver-settle-mode"] !== 0;
    const taken = queueOf(entity).takeDeferred(toArray(body["sequence-numbers"]).map(readNumber), locked);
    return {
      messages: taken.map(({ message, lock }) =>
        types.wrap_map({
          "lock-token": types.wrap_uuid(lock ? Buffer.from(lock.token, "hex") : Buffer.alloc(16)),
          message: types.wrap_binary(encodeMessage(message, lock?.until)),
        }),
      ),
    };
  },

  "update-disposition"(entity, body) {
    const settlement = settlementOf(body);
    for (const token of tokensOf(body)) queueOf(entity).settle(token, settlement);
    return {};
  },

  "renew-session-lock": (entity, body) => ({
    expiration: types.wrap_timestamp(queueOf(entity).sessions.renew(String(body["session-id"]))),
  }),

  "get-session-state"(entity, body) {
    const state = queueOf(entity).sessions.state(String(body["session-id"]));
    return { "session-state": state === null ? null : types.wrap_binary(state) };
  },

  "set-session-state"(entity, body) {
    const state = body["session-state"];
    queueOf(entity).sessions.setState(String(body["session-id"]), Buffer.isBuffer(state) ? state : null);
    return {};
  },

  "get-message-sessions"(entity, body) {
    const skip = Number(body["skip"] ?? 0);
    const ids = queueOf(entity)
      .sessions.ids()
      .slice(skip, skip + Number(body["top"] ?? 100));
    return ids.length === 0 ? "none" : { skip: types.wrap_int(skip), "sessions-ids": types.wrap_list(ids) };
  },
};

/** Runs a management operation. Throws a ServiceBusError if it refuses the operation. */
export function runOperation(entity: Entity, operation: string, body: Body): Result {
  const known = operations[operation.replace(/^com\.microsoft:/, "")];
  if (!known) throw notImplementedError(`the operation ${operation}`);
  return known(entity, body);
}

function settlementOf(body: Body): Settlement {
  const properties = body["properties-to-modify"] as Record<string, unknown> | undefined;
  const more = properties ? { properties } : {};
  switch (body["disposition-status"]) {
    case "completed":
      return { verb: "complete" };
    case "abandoned":
      return { verb: "abandon", ...more };
    // The protocol spells "deferred" with one r here.
    case "defered":
      return { verb: "defer", ...more };
    case "suspended":
      return {
        verb: "deadLetter",
        reason: String(body["deadletter-reason"] ?? ""),
        description: String(body["deadletter-description"] ?? ""),
        ...more,
      };
    default:
      throw new ServiceBusError("com.microsoft:argument-error", `Unknown disposition-status ${String(body["disposition-status"])}.`);
  }
}

function tokensOf(body: Body): string[] {
  return toArray(body["lock-tokens"]).map((token) => Buffer.from(token as Uint8Array).toString("hex"));
}

function queueOf(entity: Entity): Queue {
  if (entity.kind === "queue") return entity.queue;
  throw new ServiceBusError("amqp:not-allowed", "A topic has no messages. Use a subscription.");
}

function destinationOf({ destination }: Entity) {
  if (destination) return destination;
  throw new ServiceBusError("amqp:not-allowed", "Messages cannot be sent here.");
}

function toArray(value: unknown): readonly unknown[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}
