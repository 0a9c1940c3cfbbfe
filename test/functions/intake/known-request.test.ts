import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { payloadFingerprintsOf } from "../../../functions/intake/known-request.ts";
import { readTriggerMessage } from "../../../functions/intake/request-message.ts";
import { type ReadMessage, readMessage } from "../../../shared/contract/message.ts";
import { problem } from "../../../shared/contract/problem.ts";
import { rejectionOf } from "../../../shared/contract/rejection.ts";
import type { AnswerInput } from "../../../shared/durable/answer.ts";
import { noClaim } from "../../../shared/durable/claim.ts";
import { instanceIdOf } from "../../../shared/durable/instance-id.ts";
import { byTrigger, metadata, receivingOf } from "../../support/receiving.ts";
import { sampleEvent } from "../../support/sample.ts";
import { startTaskHub } from "../../support/task-hub.ts";

let hub: Awaited<ReturnType<typeof startTaskHub>>;
before(async () => {
  hub = await startTaskHub();
});
beforeEach(() => {
  for (const noted of [hub.started, hub.logged]) noted.length = 0;
});
after(() => hub.close());

const known = receivingOf({ prefix: "/ticketing" });
const { receiving, published } = known;
const prints = (read: ReadMessage) => payloadFingerprintsOf(read, receiving.keys);

/** One request, and what comes of a message of it. */
function requestOf(more: Parameters<typeof metadata>[0] = {}, event = sampleEvent()) {
  const body = Buffer.from(JSON.stringify(event));
  const message = readTriggerMessage(body, hub.context(metadata(more)), { ...receiving, queue: "requests" });
  const read = readMessage(message) as ReadMessage;
  const instanceId = instanceIdOf(read.source, read.id);
  const completion = rejectionOf(
    `${instanceId}.completed`,
    { ...message, requestId: read.id, requestSource: read.source, traceparent: null, ticket: null, replySessionId: "first" },
    problem("InternalError", "m"),
    new Date(0),
  );
  return {
    event,
    read,
    instanceId,
    completion,
    /** Hands the message over; tells whether its request was known. */
    recognise: async (world = known) => {
      await byTrigger(world, hub, body, more);
      return !hub.started.some(({ id }) => id === instanceId);
    },
  };
}
const claimed = (instanceId: string, claim: object) => hub.entities.set(`request/${instanceId}`, { ...noClaim, ...claim });
const running = (instanceId: string, fingerprints: readonly string[], runtimeStatus = "Running") =>
  hub.instances.set(instanceId, { name: "provisionVpnConnection", runtimeStatus, input: { fingerprints } });

test("nobody knows a request that never came", async () => {
  assert.equal(await requestOf().recognise(), false);
  assert.deepEqual(
    hub.logged.map(({ step }) => step),
    ["received"],
  );
});

test("a request without an answer yet is left alone", async () => {
  for (const runtimeStatus of ["Pending", "Running", "Terminated"]) {
    const { instanceId, read, recognise } = requestOf();
    running(instanceId, prints(read), runtimeStatus);
    claimed(instanceId, { fingerprints: prints(read) });
    assert.equal(await recognise(), true);
    assert.equal(published.length, 0);
  }
  assert.deepEqual(new Set(hub.logged.map(({ step }) => step)), new Set(["repeated"]));
});

test("a request that has its answer is answered again, under an id of its own, where it asks to be; also while it keeps its gateway", async () => {
  for (const [runtimeStatus, replyToSessionId, expected] of [
    ["Completed", "second", "second"],
    ["Completed", undefined, "first"],
    ["Running", "second", "second"],
  ] as const) {
    const { instanceId, read, completion, recognise } = requestOf({ sequenceNumber: 42, replyToSessionId });
    running(instanceId, prints(read), runtimeStatus);
    claimed(instanceId, { fingerprints: prints(read), completion, sent: true });
    assert.equal(await recognise(), true);
    const [again] = published.splice(0);
    assert.equal(again?.messageId, `${instanceId}.completed.r42`);
    assert.deepEqual(again.completion, { ...completion, replySessionId: expected });
  }
});

test("on a queue without a prefix a repetition is answered where it was answered first: nobody knows that it is the same sender", async () => {
  for (const replyToSessionId of ["stranger", undefined]) {
    const world = receivingOf();
    const { instanceId, read, completion, recognise } = requestOf({ replyToSessionId });
    running(instanceId, prints(read), "Completed");
    claimed(instanceId, { fingerprints: prints(read), completion, sent: true });
    assert.equal(await recognise(world), true);
    assert.deepEqual(world.published, [{ completion, messageId: `${instanceId}.completed.r7` }]);
  }
});

test("a request whose instance was purged is answered again all the same; another payload is still refused, and one without an answer begins anew", async () => {
  const { event, instanceId, read, completion, recognise } = requestOf({ sequenceNumber: 42, replyToSessionId: "second" });
  claimed(instanceId, { fingerprints: prints(read) });
  assert.equal(await recognise(), false);
  hub.instances.delete(instanceId);
  hub.started.length = 0;
  claimed(instanceId, { fingerprints: prints(read), completion, sent: true });
  assert.equal(await recognise(), true);
  assert.deepEqual(published.splice(0), [
    { completion: { ...completion, replySessionId: "second" }, messageId: `${instanceId}.completed.r42` },
  ]);
  const other = requestOf({}, { ...event, data: { ...event.data, deadlineMinutes: 31 } });
  assert.equal(await other.recognise(), true);
  assert.deepEqual(
    hub.started.map(({ name, id }) => [name, id.includes(".conflict.")]),
    [["answerMessage", true]],
  );
  assert.equal(published.length, 0);
});

test("another payload is refused under an id of its payload, whatever the request is doing", async () => {
  const ids = new Set<string>();
  for (const runtimeStatus of ["Running", "Completed", "Terminated"]) {
    const { event, instanceId, read } = requestOf();
    running(instanceId, prints(read), runtimeStatus);
    claimed(instanceId, { fingerprints: prints(read) });
    for (const deadlineMinutes of [31, 31, 32]) {
      const other = requestOf({ replyToSessionId: "theirs" }, { ...event, data: { ...event.data, deadlineMinutes } });
      assert.equal(await other.recognise(), true);
    }
    const answers = hub.started.splice(0);
    assert.equal(new Set(answers.map(({ id }) => id)).size, 2, "one for each payload");
    for (const { id, name, input } of answers) {
      const { claimId, completion } = input as AnswerInput;
      assert.deepEqual([name, claimId, completion.event.id], ["answerMessage", id, id]);
      assert.match(id, new RegExp(`^${instanceId}\\.conflict\\.[\\w-]{43}$`));
      assert.equal(completion.event.data.problem?.code, "RequestIdConflict");
      assert.equal(completion.replySessionId, "theirs");
      ids.add(id);
    }
  }
  assert.equal(ids.size, 6);
  assert.equal(published.length, 0);
});

test("the claim knows what came first, although another payload has taken the instance's place", async () => {
  const first = requestOf();
  const other = requestOf({}, { ...first.event, data: { ...first.event.data, deadlineMinutes: 31 } });
  running(first.instanceId, prints(other.read));
  claimed(first.instanceId, { fingerprints: prints(first.read) });
  await first.recognise();
  assert.equal(hub.started.length, 0);
  await other.recognise();
  assert.equal(hub.started.length, 1);
});

/** The same data with the properties of each object in the other order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, item]) => [name, reversed(item)]),
  );
}

test("a repetition that was serialised anew is the same request: the order of JSON properties does not matter, that of lists and every number does", () => {
  const bodyOf = (event: object, change = (text: string) => text) => {
    const message = readTriggerMessage(Buffer.from(change(JSON.stringify(event))), hub.context(metadata()), {
      ...receiving,
      queue: "requests",
    });
    return prints(readMessage(message) as ReadMessage);
  };
  const event = sampleEvent((sample) => {
    sample.data.ticket = { b: [{ y: 1, x: 2 }, 3], a: "1234567890123456789", ["__proto__"]: 1 };
  });
  const exact = (text: string) => text.replace('"1234567890123456789"', "1234567890123456789");
  assert.deepEqual(bodyOf(reversed(event) as object, exact), bodyOf(event, exact));
  assert.notDeepEqual(bodyOf(event, exact), bodyOf(event));
  assert.notDeepEqual(
    bodyOf(event, (text) => exact(text).replace("1234567890123456789", "1234567890123456780")),
    bodyOf(event, exact),
  );
  assert.notDeepEqual(
    bodyOf(event, (text) => text.replace('[{"y":1,"x":2},3]', '[3,{"y":1,"x":2}]')),
    bodyOf(event),
  );
});

test("a payload's fingerprint belongs to its source and id, and the id of a conflict is no fingerprint", async () => {
  const { event, instanceId, read } = requestOf();
  const elsewhere = requestOf({}, { ...event, id: "another-id" });
  assert.notDeepEqual(prints(elsewhere.read), prints(read));
  running(instanceId, prints(read));
  claimed(instanceId, { fingerprints: prints(read) });
  const other = requestOf({}, { ...event, data: { ...event.data, deadlineMinutes: 31 } });
  await other.recognise();
  const [{ id } = { id: "" }] = hub.started;
  assert.match(id, /\.conflict\.[\w-]{43}$/);
  assert.ok(!JSON.stringify(prints(other.read)).includes(id.split(".conflict.")[1] ?? ""));
});
