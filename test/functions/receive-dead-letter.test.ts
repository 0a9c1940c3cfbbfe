import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { receiveDeadLetter } from "../../functions/receive-dead-letter.ts";
import type { AnswerInput } from "../../shared/contract/rejection.ts";
import { instanceIdOf } from "../../shared/instance-id.ts";
import { metadata, receivingOf } from "../support/receiving.ts";
import { sampleEvent } from "../support/sample.ts";
import { startTaskHub } from "../support/task-hub.ts";

let hub: Awaited<ReturnType<typeof startTaskHub>>;
before(async () => {
  hub = await startTaskHub();
});
afterEach(() => {
  hub.started.length = 0;
  hub.away = false;
});
after(() => hub.close());

const MINUTE_MS = 60_000;

/** Hands a dead letter over; answers what came of it. */
async function taken(event: unknown, more: Parameters<typeof metadata>[0] = {}, world = receivingOf()) {
  const body = Buffer.from(typeof event === "string" ? event : JSON.stringify(event));
  await receiveDeadLetter(world.receiving)(body, hub.context(metadata(more)));
  return { ...world, body };
}

test("a request that was never begun is sent again, as it came, each time later", async () => {
  for (const [resubmissions, minutes] of [
    [undefined, 5],
    [1, 10],
    [2, 20],
    [3, 40],
    [4, 80],
  ] as const) {
    const applicationProperties = { "cloudEvents:id": "kept", ...(resubmissions === undefined ? {} : { resubmissions }) };
    const { resubmitted, body, clock } = await taken(sampleEvent(), { messageId: "m", replyToSessionId: "mine", applicationProperties });
    const [{ message, at } = assert.fail("nothing was sent")] = resubmitted;
    assert.equal(at.getTime() - clock.time, minutes * MINUTE_MS);
    assert.equal(message.queue, "requests");
    assert.deepEqual([message.body, message.messageId, message.replySessionId], [body, "m", "mine"]);
    assert.equal(message.contentType, "application/cloudevents+json");
    assert.equal(message.resubmissions, resubmissions ?? 0);
    assert.equal(message.applicationProperties["cloudEvents:id"], "kept");
    assert.equal(hub.started.length, 0);
  }
});

test("after five rounds it is answered as Undeliverable under the request's own id", async () => {
  for (const resubmissions of [5, 6, "5", 1e9]) {
    const event = sampleEvent();
    const { resubmitted } = await taken(event, { applicationProperties: { resubmissions } });
    assert.equal(resubmitted.length, 0);
    const [{ id, name, input } = assert.fail("nobody was answered")] = hub.started.splice(0);
    const instanceId = instanceIdOf(event.source, event.id);
    const { claimId, completion, fingerprints } = input as AnswerInput;
    assert.deepEqual([id, name, claimId], [instanceId, "answerMessage", instanceId]);
    assert.equal(completion.event.id, `${instanceId}.completed`);
    assert.deepEqual([completion.event.data.outcome, completion.event.data.problem?.code], ["Rejected", "Undeliverable"]);
    assert.equal(fingerprints.length, 1);
    assert.equal(completion.ticket, JSON.stringify(event.data.ticket));
  }
});

test("what the count makes too large for its queue is answered at once; any other error goes to the broker", async () => {
  for (const [code, problem] of [
    ["MessageSizeExceeded", "Undeliverable"],
    ["QuotaExceeded", undefined],
  ] as const) {
    const world = receivingOf();
    world.receiving.outbox.resubmit = async () => Promise.reject(Object.assign(new Error("no"), { code }));
    await taken(sampleEvent(), {}, world).catch(() => {});
    assert.equal((hub.started.splice(0)[0]?.input as AnswerInput | undefined)?.completion.event.data.problem?.code, problem);
  }
});

test("a count that makes no sense counts as none", async () => {
  for (const resubmissions of [-1_000, "many", null, { a: 1 }, Number.NaN]) {
    const { resubmitted } = await taken(sampleEvent(), { applicationProperties: { resubmissions } });
    assert.equal(resubmitted[0]?.message.resubmissions, 0);
  }
});

test("a request that was begun all the same needs nothing", async () => {
  const event = sampleEvent();
  hub.instances.set(instanceIdOf(event.source, event.id), { name: "provisionVpnConnection", runtimeStatus: "Running", input: null });
  const world = receivingOf();
  const read = await taken(event, {}, world);
  assert.deepEqual([read.resubmitted, read.published, read.quarantined], [[], [], []]);
});

test("a message that cannot be read is answered and kept", async () => {
  const { quarantined, resubmitted } = await taken("{", { messageId: "broken", contentType: undefined });
  assert.equal(resubmitted.length, 0);
  assert.equal(quarantined[0]?.messageId, "broken");
  assert.equal((hub.started[0]?.input as AnswerInput | undefined)?.completion.event.data.problem?.code, "UnreadableMessage");
});

test("a broker or a store that is away is waited for: here nothing counts deliveries, and a message given back comes again at once", async () => {
  const world = receivingOf();
  world.broker.away = true;
  await assert.rejects(taken(sampleEvent(), {}, world));
  assert.ok(world.clock.time - Date.UTC(2026, 0, 1) > 3 * MINUTE_MS);
  const without = receivingOf();
  hub.away = true;
  await assert.rejects(taken(sampleEvent(), {}, without));
  assert.ok(without.clock.time - Date.UTC(2026, 0, 1) > 3 * MINUTE_MS);
});
