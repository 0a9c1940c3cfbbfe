import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import type { ServiceBusMessage } from "@azure/service-bus";
import { eventually } from "../support/eventually.ts";
import { requestFor, said } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";

// `body: JSON.stringify(event)` with the real client: it arrives as a JSON string, and is carried
// out.

let stack: Awaited<ReturnType<typeof startTestStack>>;
before(async () => {
  stack = await startTestStack({ speed: 20 });
});
after(() => stack.stop());

const answerTo = (id: string) =>
  eventually(`the answer to ${id}`, () => stack.received.find(({ body, correlationId }) => correlationId === id && body.data));

type Asked = ReturnType<typeof requestFor>;
const attributesOf = ({ data: _, ...attributes }: Asked) =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`cloudEvents_${name}`, String(value)]));

const modes: readonly (readonly [name: string, message: (event: Asked) => ServiceBusMessage])[] = [
  ["structured", (event) => ({ body: JSON.stringify(event), contentType: "application/cloudevents+json" })],
  ["structured, without a content type", (event) => ({ body: JSON.stringify(event) })],
  ["binary", (event) => ({ body: JSON.stringify(event.data), applicationProperties: attributesOf(event) })],
  ["bare", ({ id, data }) => ({ body: JSON.stringify(data), messageId: id })],
];
for (const [index, [name, messageOf]] of modes.entries()) {
  test(`${name}: a stringified body is carried out, and its ticket comes back`, async () => {
    const event = requestFor(index + 1, `stringified-${index + 1}`, { ticket: { number: 7 } });
    await stack.send({ messageId: randomUUID(), ...messageOf(event) });
    const answer = await answerTo(event.id);
    assert.deepEqual(said(answer), ["Succeeded", null]);
    assert.deepEqual(answer.body.data.ticket, { number: 7 });
  });
}

test("the same event as an object and as a string is one request", async () => {
  const event = requestFor(9, "stringified-9");
  await stack.send({ body: event, messageId: randomUUID() });
  const first = await answerTo(event.id);
  await stack.send({ body: JSON.stringify(event), messageId: randomUUID() });
  const again = await eventually(
    "the answer is sent again",
    () => stack.received.filter(({ correlationId }) => correlationId === event.id)[1],
  );
  assert.deepEqual(again.body, first.body);
  const puts = (await stack.seen()).filter(({ method, url }) => method === "PUT" && url.includes("/stringified-9?"));
  assert.equal(puts.length, 1);
});
