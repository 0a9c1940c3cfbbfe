import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import type { Outbox } from "../shared/azure/service-bus.ts";
import type { Completion } from "../shared/contract/completion.ts";
import { type ReadMessage, readMessage, type Unreadable } from "../shared/contract/message.ts";
import { rejectionOf } from "../shared/contract/rejection.ts";
import type { ProvisioningRequest } from "../shared/contract/request.ts";
import { instanceIdOf } from "../shared/instance-id.ts";
import type { Policy } from "../shared/policy.ts";
import { problem } from "../shared/problem.ts";
import { fingerprint, type KeyRing, sealSecrets } from "../shared/sealing.ts";
import { logStepOf } from "./log-step.ts";
import { type ReceivedMessage, receivedMessage } from "./request-message.ts";

interface Dependencies {
  readonly queue: string;
  readonly keys: KeyRing;
  readonly policy: Policy;
  readonly outbox: Outbox;
  /** The time of arrival where the trigger does not say it. */
  readonly now: () => Date;
}

/**
 * Takes one request message: starts its instance, or recognises a request that has one, or answers a message that nobody can read. It returns when the
 * message is safe with somebody else, and throws otherwise, so that the broker delivers it again.
 */
export function receiveRequest(dependencies: Dependencies) {
  return async (body: unknown, context: InvocationContext): Promise<void> => {
    const message = receivedMessage(body, context, dependencies.queue);
    const read = readMessage(message);
    if ("unreadable" in read) return answerUnreadable(message, read, context, dependencies);

    const log = logStepOf(context);
    const client = df.getClient(context);
    const instanceId = instanceIdOf(read.source, read.id);
    const about = { instanceId, requestId: read.id, requestSource: read.source };
    const known = await inputOf(client, instanceId);
    if (known) return recognise(known, message, read, context, dependencies);

    const request = requestOf(instanceId, message, read, context, dependencies);
    log("received", about);
    try {
      await client.startNew("provisionVpnConnection", { instanceId, input: request });
    } catch (error) {
      // Two deliveries at once: the slower start fails in a way that the client does not name, so the status decides.
      const started = await inputOf(client, instanceId);
      if (!started) throw error;
      await recognise(started, message, read, context, dependencies);
    }
  };
}

interface Known {
  readonly input: ProvisioningRequest;
  readonly completion: Completion | null;
}

async function inputOf(client: df.DurableClient, instanceId: string): Promise<Known | undefined> {
  try {
    const { input, output, runtimeStatus } = await client.getStatus(instanceId, { showInput: true });
    const completed = runtimeStatus === df.OrchestrationRuntimeStatus.Completed;
    return { input: parsed(input) as ProvisioningRequest, completion: completed ? (parsed(output) as Completion) : null };
  } catch (error) {
    // The client has no other sign for an unknown instance than this text.
    if (error instanceof Error && error.message.includes("HTTP 404")) return undefined;
    throw error;
  }
}

/** The extension answers input and output as JSON or as JSON in a string, depending on its version. */
function parsed(value: unknown): unknown {
  return typeof value === "string" ? JSON.parse(value) : value;
}

/** The same source and id is the same request for ever: running, it is left alone; ended, its completion is sent again; with another payload it is refused. */
async function recognise(
  known: Known,
  message: ReceivedMessage,
  read: ReadMessage,
  context: InvocationContext,
  { outbox, keys, now }: Dependencies,
): Promise<void> {
  const { instanceId } = known.input;
  const about = { instanceId, requestId: read.id, requestSource: read.source };
  const print = fingerprint(payloadOf(read), keys, known.input.fingerprint.split(".")[0]);
  if (print !== known.input.fingerprint) {
    const text =
      "A request with this source and id was received before with another payload; that one goes on untouched. Send this one under an id of its own.";
    const id = `${instanceId}.conflict.${print.split(".")[1]}`;
    await outbox.publish(rejectionOf(id, read, message, problem("RequestIdConflict", text), now()));
    return logStepOf(context)("conflict", about);
  }
  if (known.completion) await outbox.publish(known.completion, `${known.completion.event.id}.r${message.sequenceNumber}`);
  logStepOf(context)("repeated", { ...about, published: known.completion !== null });
}

/** A message that cannot be read is answered, under its message id where it names no other, and kept as it came. Its event id is its own, so that it never hides another answer. */
async function answerUnreadable(
  message: ReceivedMessage,
  { unreadable, target, id, source }: Unreadable,
  context: InvocationContext,
  { queue, outbox, now }: Dependencies,
): Promise<void> {
  const address = `/service-bus/${queue}`;
  const instanceId = instanceIdOf(address, message.messageId);
  const identity = { id: id ?? message.messageId, source: source ?? address, traceparent: null, ticket: null };
  const rejection = rejectionOf(`${instanceId}.completed`, identity, message, problem("UnreadableMessage", unreadable, { target }), now());
  const { body, contentType, messageId, sequenceNumber, enqueuedAt, deliveryCount } = message;
  const lineage = { queue, sequenceNumber, deliveryCount: String(deliveryCount), ...(enqueuedAt ? { enqueuedAt } : {}) };
  await outbox.quarantine({
    body,
    contentType,
    messageId,
    reason: "UnreadableMessage",
    properties: { ...lineage, description: unreadable },
  });
  await outbox.publish(rejection);
  logStepOf(context)("rejected", { instanceId, requestId: messageId, problem: "UnreadableMessage" });
}

function requestOf(
  instanceId: string,
  message: ReceivedMessage,
  read: ReadMessage,
  context: InvocationContext,
  { keys, policy, now }: Dependencies,
): ProvisioningRequest {
  return {
    instanceId,
    requestId: read.id,
    requestSource: read.source,
    type: read.type,
    data: sealSecrets(read.data, instanceId, keys),
    ticket: read.ticket,
    fingerprint: fingerprint(payloadOf(read), keys),
    receivedAt: message.enqueuedAt ?? now().toISOString(),
    replySessionId: message.replySessionId,
    traceparent: read.traceparent ?? context.traceContext?.traceParent ?? null,
    policy,
  };
}

function payloadOf({ type, data, ticket }: ReadMessage): string {
  return JSON.stringify([type, data, ticket]);
}
