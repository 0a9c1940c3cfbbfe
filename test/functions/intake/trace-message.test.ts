import assert from "node:assert/strict";
import { test } from "node:test";
import { traceMessage } from "../../../functions/intake/trace-message.ts";
import { instanceIdOf } from "../../../shared/durable/instance-id.ts";
import { recordingTracing } from "../../support/recording-tracing.ts";

const message = { queue: "requests", receivedAt: "2026-03-01T08:00:00.000Z", deliveryCount: 2 };
const now = new Date("2026-03-01T08:00:01.500Z");
const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
const attributes = {
  "messaging.system": "servicebus",
  "messaging.operation.type": "process",
  "messaging.destination.name": "requests",
  "messaging.servicebus.message.delivery_count": 2,
  "vpn.queue_s": 1.5,
};

test("a message that is a request: its span is in the trace of the request", async () => {
  const tracing = recordingTracing();
  await traceMessage(tracing, message, now, async (noteRequest) => noteRequest({ source: "/s", id: "1", traceparent }));
  assert.deepEqual(tracing.spans, [
    {
      name: "process requests",
      kind: "consumer",
      place: { traceId: "0af7651916cd43dd8448eb211c80319c", parentSpanId: "b7ad6b7169203331" },
      attributes: { ...attributes, "vpn.instance_id": instanceIdOf("/s", "1") },
    },
  ]);
});

test("a message that cannot be read, or whose handling failed, has a span too", async () => {
  const tracing = recordingTracing();
  await traceMessage(tracing, message, now, async () => {});
  await assert.rejects(
    traceMessage(tracing, message, now, async () => {
      throw new TypeError("secret");
    }),
    TypeError,
  );
  assert.deepEqual(
    tracing.spans.map((span) => span.attributes),
    [attributes, { ...attributes, "error.type": "TypeError" }],
  );
});

test("without a receiver of traces the message is handled, and nothing else happens", async () => {
  let handled = 0;
  await traceMessage(undefined, message, now, async (noteRequest) => {
    noteRequest({ source: "/s", id: "1", traceparent });
    handled++;
  });
  assert.equal(handled, 1);
});
