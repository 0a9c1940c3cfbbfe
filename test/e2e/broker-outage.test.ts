import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { startGate } from "../support/gate.ts";
import { requester, requestFor, type SampleEvent, said } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";

// The broker is out of the app's reach for longer than it lends a message, while requests keep
// coming. Nothing that was good is rejected, and everything is answered once. Product time runs 50
// times as fast.

const SPEED = 50;
const OUTAGE_MINUTES = 10;
/** One request in so many milliseconds of real time. */
const PACE_MS = 400;

let gate: Awaited<ReturnType<typeof startGate>>;
let stack: Awaited<ReturnType<typeof startTestStack>>;
let ask: ReturnType<typeof requester>;
before(async () => {
  gate = await startGate();
  const settings = {
    ServiceBus: `Endpoint=sb://127.0.0.1:${gate.port};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=local;UseDevelopmentEmulator=true;`,
  };
  stack = await startTestStack({ speed: SPEED, settings });
  gate.to(Number(/Endpoint=sb:\/\/[^;]+:(\d+);/.exec(stack.stack.endpoints.serviceBus)?.[1]));
  ask = requester(stack);
});
after(async () => {
  await stack.stop();
  await gate.close();
});

test("ten minutes without the broker: every request succeeds, before, during and after it, and each has one answer", async () => {
  const told = (step: string) => stack.steps.filter((seen) => seen.step === step);
  await ask.takes("*", 60, 20);
  const sent: SampleEvent[] = [];
  const sending: Promise<void>[] = [];
  const traffic = setInterval(() => {
    const request = requestFor((sent.length % 50) + 1, `steady${sent.length}`);
    sent.push(request);
    sending.push(ask.send(request));
  }, PACE_MS);
  try {
    await eventually("answers come", () => told("published").length >= 5, 60_000);

    await gate.close();
    const closedAt = performance.now();
    const unreadable = { id: randomUUID() };
    await stack.send({ body: Buffer.from("no JSON"), messageId: unreadable.id });
    const claimed = await eventually(
      "an answer that is claimed and not sent",
      () => sent.find(({ id }) => told("unpublished").some((step) => step["requestId"] === id)),
      60_000,
    );
    await ask.terminate(claimed);
    await eventually("the outage is over", () => (performance.now() - closedAt) * SPEED >= OUTAGE_MINUTES * 60_000, 60_000);
    const whenItIsOver = sent.length;
    await gate.open();
    await eventually("a few more requests", () => sent.length >= whenItIsOver + 5, 60_000);
    clearInterval(traffic);
    await Promise.all(sending);

    for (const request of sent) {
      assert.deepEqual(said(await ask.answerTo(request, 60_000)), ["Succeeded", null], request.data.target.connectionName);
      assert.equal(new Set(ask.answersTo(request).map(({ body }) => JSON.stringify(body))).size, 1);
    }
    assert.deepEqual(said(await ask.answerTo(unreadable)), ["Rejected", "UnreadableMessage"]);
    assert.ok(
      told("interrupted").some((step) => step["instanceId"] === ask.idOf(claimed)),
      "the sweep sent what the terminated one had claimed",
    );
    assert.ok(told("unpublished").length > 1);
  } finally {
    clearInterval(traffic);
  }
  const deadLetters = stack.client.createReceiver("vpn-connection-requests", { subQueueType: "deadLetter" });
  assert.deepEqual(await deadLetters.peekMessages(10), []);
  assert.deepEqual(
    stack.lines.filter((line) => line.includes("was abandoned")),
    [],
  );
});
