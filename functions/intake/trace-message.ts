import { errorTypeOf } from "../../azure/span-attributes.ts";
import type { Tracing } from "../../azure/tracing.ts";
import type { ReadMessage } from "../../shared/contract/message.ts";
import { instanceIdOf } from "../../shared/durable/instance-id.ts";
import { traceOfRequest } from "../../shared/tracing/request-trace.ts";
import type { ReceivedMessage } from "./request-message.ts";

/**
 * Records the handling of a message as a span. `run` gets a function that says which request the
 * message is, because that is known only after the message was read.
 */
export async function traceMessage(
  tracing: Tracing | undefined,
  { queue, receivedAt, deliveryCount }: Pick<ReceivedMessage, "queue" | "receivedAt" | "deliveryCount">,
  now: Date,
  run: (noteRequest: (read: Pick<ReadMessage, "source" | "id" | "traceparent">) => void) => Promise<void>,
): Promise<void> {
  if (!tracing) return run(() => {});
  const span = tracing.start({
    name: `process ${queue}`,
    kind: "consumer",
    attributes: {
      "messaging.system": "servicebus",
      "messaging.operation.type": "process",
      "messaging.destination.name": queue,
      "messaging.servicebus.message.delivery_count": deliveryCount,
      "vpn.queue_s": Math.max(0, (now.getTime() - Date.parse(receivedAt)) / 1000),
    },
  });
  let attributes = {};
  try {
    await run(({ source, id, traceparent }) => {
      const instanceId = instanceIdOf(source, id);
      attributes = { "vpn.instance_id": instanceId };
      span.moveTo(traceOfRequest(instanceId, traceparent).live);
    });
    span.end(attributes);
  } catch (error) {
    span.end({ ...attributes, "error.type": errorTypeOf(error) });
    throw error;
  }
}
