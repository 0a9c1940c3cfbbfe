import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { resubmissionPropertiesOf } from "../../../functions/intake/first-arrival.ts";
import { readTriggerMessage } from "../../../functions/intake/request-message.ts";
import type { AnswerInput } from "../../../shared/durable/answer.ts";
import { instanceIdOf } from "../../../shared/durable/instance-id.ts";
import { asDeadLetter, byTrigger, metadata, receivingOf } from "../../support/receiving.ts";
import { sampleEvent } from "../../support/sample.ts";
import { startTaskHub } from "../../support/task-hub.ts";

let hub: Awaited<ReturnType<typeof startTaskHub>>;
before(async () => {
  hub = await startTaskHub();
});
afterEach(() => {
  hub.started.length = 0;
  hub.logged.length = 0;
  hub.away = false;
  hub.runs = () => true;
});
after(() => hub.close());

const MINUTE_MS = 60_000;

/** Hands a dead letter over; answers what came of it. */
async function taken(event: unknown, more: Parameters<typeof metadata>[0] = {}, world = receivingOf()) {
  const body = Buffer.from(typeof event === "string" ? event : JSON.stringify(event));
  await asDeadLetter(world, hub, body, more);
  return { ...world, body };
}

/** The properties with which the app sent a request again so many times. */
function sentAgain({ source, id }: { readonly source: string; readonly id: string }, times: number): object {
  const { receiving } = receivingOf();
  const first = readTriggerMessage(Buffer.from("{}"), hub.context(metadata()), { ...receiving, queue: "requests" });
  return times === 0 ? {} : resubmissionPropertiesOf({ ...first, resubmissions: times - 1 }, { source, id }, receiving.keys);
}

test("a request that was never begun is sent again, as it came, each time later", async () => {
  for (const [resubmissions, minutes] of [
    [0, 5],
    [1, 10],
    [2, 20],
    [3, 40],
    [4, 80],
  ] as const) {
    const event = sampleEvent();
    const applicationProperties = { "cloudEvents:id": "kept", ...sentAgain(event, resubmissions) };
    const { resubmitted, body, clock } = await taken(event, { messageId: "m", replyToSessionId: "mine", applicationProperties });
    const [{ message, at } = assert.fail("nothing was sent")] = resubmitted;
    assert.equal(at.getTime() - clock.time, minutes * MINUTE_MS);
    assert.equal(message.queue, "requests");
    assert.deepEqual([message.body, message.messageId, message.replySessionId], [body, "m", "mine"]);
    assert.equal(message.contentType, "application/cloudevents+json");
    assert.equal(message.applicationProperties["resubmissions"], resubmissions + 1);
    assert.equal(message.applicationProperties["cloudEvents:id"], "kept");
    assert.equal(hub.started.length, 0);
  }
});

test("after five rounds it is answered as Undeliverable under the request's own id", async () => {
  for (const resubmissions of [5, 6]) {
    const event = sampleEvent();
    const { resubmitted } = await taken(event, { applicationProperties: sentAgain(event, resubmissions) });
    assert.equal(resubmitted.length, 0);
    const [{ id, name, input } = assert.fail("nobody was answered")] = hub.started.splice(0);
    const instanceId = instanceIdOf(event.source, event.id);
    const { claimId, completion, fingerprints } = input as AnswerInput;
    assert.deepEqual([id, name, claimId], [`${instanceId}.undeliverable`, "answerMessage", instanceId]);
    assert.equal(completion.event.id, `${instanceId}.completed`);
    assert.deepEqual([completion.event.data.outcome, completion.event.data.problem?.code], ["Rejected", "Undeliverable"]);
    assert.equal(fingerprints.length, 1);
    assert.equal(completion.ticket, JSON.stringify(event.data.ticket));
  }
});

test("what its queue will never take again is answered at once; any other error leaves the letter where it is", async () => {
  for (const [error, problem] of [
    [Object.assign(new Error("no"), { code: "MessageSizeExceeded" }), "Undeliverable"],
    [new RangeError("a property that the client cannot write"), "Undeliverable"],
    [Object.assign(new Error("no"), { code: "QuotaExceeded" }), undefined],
  ] as const) {
    const world = receivingOf();
    world.receiving.outbox.resubmit = async () => Promise.reject(error);
    await taken(sampleEvent(), {}, world).catch(() => {});
    assert.equal((hub.started.splice(0)[0]?.input as AnswerInput | undefined)?.completion.event.data.problem?.code, problem);
  }
});

test("a count that the app has not signed counts as none", async () => {
  for (const resubmissions of [-1_000, 5, 1e9, "5", "many", null, { a: 1 }, Number.NaN]) {
    const { resubmitted } = await taken(sampleEvent(), { applicationProperties: { resubmissions } });
    assert.equal(resubmitted[0]?.message.applicationProperties["resubmissions"], 1);
  }
});

test("a request that was begun all the same needs nothing", async () => {
  const event = sampleEvent();
  await byTrigger(receivingOf(), hub, Buffer.from(JSON.stringify(event)));
  const world = receivingOf();
  const read = await taken(event, {}, world);
  assert.deepEqual([read.resubmitted, read.published, read.quarantined], [[], [], []]);
  assert.equal(hub.started.length, 1);
});

test("a request whose instance exists and has not begun stays where it is, and is looked at again", async () => {
  const event = sampleEvent();
  const instanceId = instanceIdOf(event.source, event.id);
  const applicationProperties = sentAgain(event, 5);
  for (const runtimeStatus of ["Pending", "Running", "Suspended"]) {
    hub.instances.set(instanceId, { name: "provisionVpnConnection", runtimeStatus, input: {} });
    const world = receivingOf();
    await assert.rejects(taken(event, { applicationProperties }, world));
    assert.deepEqual([world.resubmitted, hub.started], [[], []]);
  }
  hub.instances.delete(instanceId);
  await taken(event, { applicationProperties });
  assert.deepEqual(
    hub.started.map(({ id }) => id),
    [`${instanceId}.undeliverable`],
  );
});

test("a request whose instance was purged before its answer is sent again; after five rounds it is answered", async () => {
  const event = sampleEvent();
  const instanceId = instanceIdOf(event.source, event.id);
  await byTrigger(receivingOf(), hub, Buffer.from(JSON.stringify(event)));
  hub.instances.delete(instanceId);
  hub.started.length = 0;
  assert.equal((await taken(event)).resubmitted.length, 1);
  await taken(event, { applicationProperties: sentAgain(event, 5) });
  assert.deepEqual(
    hub.started.map(({ id }) => id),
    [`${instanceId}.undeliverable`],
  );
});

test("its answer is not sent twice, however fast the first one was", async () => {
  const event = sampleEvent();
  const claim = `request/${instanceIdOf(event.source, event.id)}`;
  const { begin } = hub;
  hub.begin = (id, input) => {
    begin(id, input);
    hub.entities.set(claim, { ...(hub.entities.get(claim) as object), completion: (input as AnswerInput).completion });
  };
  const { published } = await taken(event, { applicationProperties: sentAgain(event, 5) });
  hub.begin = begin;
  assert.deepEqual([published, hub.started.length, hub.logged.map(({ step }) => step)], [[], 1, ["rejected"]]);
});

test("another payload that began meanwhile has the claim: then the letter is a conflict, not undeliverable", async () => {
  const event = sampleEvent();
  const instanceId = instanceIdOf(event.source, event.id);
  hub.runs = (id) => {
    if (id === `${instanceId}.undeliverable`) hub.openClaim(instanceId, { fingerprints: ["k1.other"] });
    return !id.endsWith(".undeliverable");
  };
  await taken(event, { applicationProperties: sentAgain(event, 5) });
  assert.match(hub.started[1]?.id ?? "", /\.conflict\./);
});

test("a message that cannot be read is answered and kept", async () => {
  const { quarantined, resubmitted } = await taken("{", { messageId: "broken", contentType: undefined });
  assert.equal(resubmitted.length, 0);
  assert.equal(quarantined[0]?.messageId, "broken");
  assert.equal((hub.started[0]?.input as AnswerInput | undefined)?.completion.event.data.problem?.code, "UnreadableMessage");
});

test("a letter whose answer does not begin within 20 seconds stays where it is until the next round", async () => {
  const { begin } = hub;
  hub.begin = () => {};
  const world = receivingOf();
  await assert.rejects(taken("{", { messageId: "unheard", contentType: undefined }, world));
  hub.begin = begin;
  const waited = world.clock.time - Date.UTC(2026, 0, 1);
  assert.ok(waited > 10_000 && waited <= 20_000, String(waited));
  assert.deepEqual([world.quarantined, hub.started.length], [[], 1]);
});

test("while a broker or a store is away, the letter stays where it is and the round goes on at once", async () => {
  const world = receivingOf();
  world.broker.away = true;
  await assert.rejects(taken(sampleEvent(), {}, world));
  const without = receivingOf();
  hub.away = true;
  await assert.rejects(taken(sampleEvent(), {}, without));
  assert.deepEqual([world.clock.time, without.clock.time], [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1)]);
  assert.deepEqual(
    hub.logged.map(({ step, queue }) => [step, queue]),
    [
      ["deadLetterLeft", "requests"],
      ["deadLetterLeft", "requests"],
    ],
  );
});
