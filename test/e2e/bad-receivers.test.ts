import assert from "node:assert/strict";
import { test } from "node:test";
import { badReceivers } from "../support/bad-receivers.ts";
import { eventually } from "../support/eventually.ts";
import { startTestStack } from "../support/running-stack.ts";
import { sampleEvent, structured } from "../support/sample.ts";

// A receiver of traces that does not work changes nothing for requests, and the log says that spans
// are lost.

for (const [name, start] of Object.entries(badReceivers)) {
  test(`a receiver ${name}: every request is answered, and the log says once that spans are lost`, async () => {
    const receiver = await start();
    const stack = await startTestStack({ speed: 20, settings: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
    try {
      const events = Array.from({ length: 12 }, (_, index) =>
        sampleEvent((event) => void Object.assign(event.data.target, { gatewayName: `gateway${index + 1}`, connectionName: "branch" })),
      );
      for (const event of events) await stack.send(structured(event));
      const outcomes = await Promise.all(
        events.map(({ id }) =>
          eventually("the answer", () => stack.received.find(({ body }) => body.data.requestId === id)?.body.data.outcome),
        ),
      );
      assert.deepEqual(new Set(outcomes), new Set(["Succeeded"]));
      const lost = () => stack.steps.filter(({ step }) => step === "spansDropped");
      const [line] = await eventually("the log", async () => {
        // An invocation says it, and the last ones may have ended before the receiver was given up.
        await stack.send({ ...structured({}), body: Buffer.from("{"), messageId: `unreadable-${Date.now()}` });
        return lost().length > 0 && lost();
      });
      assert.ok(Number(line?.["dropped"]) > 0);
      assert.match(String(line?.["error"]), /^[\w ]{3,40}$/);
      assert.equal(lost().length, 1);
      assert.ok(!stack.lines.join("\n").includes("secret text"));
    } finally {
      await stack.stop();
      receiver.close();
    }
  });
}
