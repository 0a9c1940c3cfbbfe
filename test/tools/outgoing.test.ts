import assert from "node:assert/strict";
import { test } from "node:test";
import { type Changes, outgoingOf, refuseTwins } from "../../tools/outgoing.ts";
import { cancellationOf } from "../support/requester.ts";
import { sampleEvent } from "../support/sample.ts";

// What is sent of a file, and under which id.

const outgoing = (content: object | string, changes: Changes = {}, name = "x.json") =>
  outgoingOf({ name, content: Buffer.from(typeof content === "string" ? content : JSON.stringify(content)) }, "requests", changes);

test("an event is sent byte for byte, and its answer is always expected on the same session", () => {
  const event = sampleEvent();
  const text = JSON.stringify(event, null, 3);
  const [first, again] = [outgoing(text), outgoing(text)];
  assert.equal(first.body.toString(), text);
  assert.deepEqual([first.contentType, first.id, first.source], ["application/cloudevents+json", event.id, event.source]);
  assert.deepEqual([first.connection, first.gateway, first.repeatable], ["vpnConnection1", "gateway1", true]);
  assert.equal(first.replyToSessionId, again.replyToSessionId);
  assert.notEqual(first.messageId, again.messageId);
});

test("a bare body is another request each time; its id is that of the message", () => {
  const { data } = sampleEvent();
  const [first, again] = [outgoing(data), outgoing(data)];
  assert.deepEqual([first.contentType, first.source, first.id], ["application/json", "/service-bus/requests", first.messageId]);
  assert.notEqual(first.id, again.id);
  assert.notEqual(first.replyToSessionId, again.replyToSessionId);
  assert.equal(first.repeatable, false);
});

test("a plan has the mode and a new id; every other character is as it was, digits beyond 2^53 too", () => {
  const event = sampleEvent((each) => Object.assign(each.data, { mode: "apply", ticket: { number: 0 } }));
  const text = JSON.stringify(event, null, 3).replace('"number": 0', '"number": 12345678901234567890');
  const plan = outgoing(text, { plan: true });
  assert.notEqual(plan.id, event.id);
  assert.equal(plan.body.toString(), text.replace(event.id, plan.id).replace('"mode": "apply"', '"mode": "plan"'));
  assert.equal(plan.repeatable, false);
});

test("a file without a mode is made a plan, and so is a bare body", () => {
  const event = sampleEvent((each) => delete each.data["mode"]);
  assert.equal(JSON.parse(outgoing(event, { plan: true }).body.toString()).data.mode, "plan");
  const bare = JSON.parse(outgoing(event.data, { plan: true }).body.toString());
  assert.deepEqual([bare.mode, bare.target], ["plan", event.data.target]);
});

test("what cannot be read is sent as it is, under a session of its own", () => {
  const junk = outgoing("{ junk");
  assert.deepEqual([junk.body.toString(), junk.connection, junk.source], ["{ junk", "x.json", "/service-bus/requests"]);
  assert.equal(outgoing('{ "specversion": "1.0", ').contentType, "application/cloudevents+json");
});

test("a cancellation is called by what it cancels", () => {
  assert.equal(outgoing(cancellationOf({ id: "R1", source: "/s" })).connection, "cancel R1");
});

for (const [name, content, changes, says] of [
  ["junk as a plan", "{ junk", { plan: true }, /^x\.json cannot be changed before it is sent/],
  ["junk with a new id", "{ junk", { newId: true }, /^x\.json cannot be changed before it is sent/],
  ["a cancellation as a plan", cancellationOf({ id: "R1", source: "/s" }), { plan: true }, /^x\.json is a cancellation/],
  ["an event without data as a plan", { ...sampleEvent(), data: null }, { plan: true }, /^x\.json has no data/],
] as const) {
  test(`${name} is refused`, () => assert.throws(() => outgoing(content, changes), { message: says }));
}

test("two files with one source and id are refused, and so is one file twice", () => {
  const event = sampleEvent();
  const [a, b] = [outgoing(event, {}, "a.json"), outgoing(event, {}, "b.json")];
  assert.throws(() => refuseTwins([a, b]), { message: /^a\.json and b\.json have the same source and id/ });
  assert.throws(() => refuseTwins([a, a]), { message: /^a\.json is named twice/ });
  refuseTwins([a, outgoing(event, { newId: true }), outgoing(event.data), outgoing(event.data)]);
});
