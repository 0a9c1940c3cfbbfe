import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { restoreFirstArrival, resubmissionPropertiesOf } from "../../../functions/intake/first-arrival.ts";
import { readTriggerMessage } from "../../../functions/intake/request-message.ts";
import type { AnswerInput } from "../../../shared/durable/answer.ts";
import { asDeadLetter, byTrigger, metadata, receivingOf } from "../../support/receiving.ts";
import type { SampleEvent } from "../../support/requester.ts";
import { sampleEvent } from "../../support/sample.ts";
import { startTaskHub } from "../../support/task-hub.ts";

// A message comes again to an instance of the app with other sealing keys than the one that took it
// first.

const hub = await startTaskHub();
beforeEach(() => {
  for (const noted of [hub.instances, hub.entities]) noted.clear();
  for (const noted of [hub.started, hub.logged]) noted.length = 0;
});
after(() => hub.close());

const ring = (...ids: number[]) => new Map(ids.map((id) => [`k${id}`, Buffer.alloc(32, id)]));
function worldWith(...ids: number[]) {
  const world = receivingOf();
  Object.assign(world.receiving, { keys: ring(...ids) });
  return world;
}
const body = (event: object) => Buffer.from(JSON.stringify(event));
const changed = (event: SampleEvent) => ({ ...event, data: { ...event.data, deadlineMinutes: 31 } });
const conflicts = () => hub.started.filter(({ id }) => id.includes(".conflict."));

/**
 * The rings of the first and of the second delivery: every pair of a rotation as it is documented.
 */
const known: readonly (readonly [first: number[], second: number[]])[] = [
  [[1], [1, 2]],
  [
    [1, 2],
    [2, 1],
  ],
  [[2, 1], [2]],
  [[1], [2, 1]],
];
for (const [first, second] of [...known, ...known.map(([one, other]) => [other, one] as const)]) {
  test(`taken with ${first}, again with ${second}: the same payload is a repetition, another one a conflict`, async () => {
    const event = sampleEvent();
    await byTrigger(worldWith(...first), hub, body(event));
    await byTrigger(worldWith(...second), hub, body(event));
    assert.equal(hub.started.length, 1);
    assert.equal(hub.logged.at(-1)?.step, "repeated");
    await byTrigger(worldWith(...second), hub, body(changed(event)));
    assert.equal(conflicts().length, 1);
  });
}

test("a conflict has the same event id, whatever the order of the sealing keys", async () => {
  const event = sampleEvent();
  await byTrigger(worldWith(1), hub, body(event));
  await byTrigger(worldWith(1, 2), hub, body(changed(event)));
  await byTrigger(worldWith(2, 1), hub, body(changed(event)));
  assert.equal(new Set(conflicts().map(({ id }) => id)).size, 1);
});

test("without a common sealing key the message is given back, and another instance of the app takes it", async () => {
  const event = sampleEvent();
  await byTrigger(worldWith(1), hub, body(event));
  for (const again of [event, changed(event)])
    await assert.rejects(byTrigger(worldWith(2), hub, body(again)), /sealing|SEALING_KEYS|claim/i);
  assert.equal(hub.started.length, 1);
  await byTrigger(worldWith(1), hub, body(event));
  assert.equal(hub.logged.at(-1)?.step, "repeated");
});

test("as a dead letter it is sent again five times, and then it is a conflict", async () => {
  const event = sampleEvent();
  await byTrigger(worldWith(1), hub, body(event));
  let applicationProperties: Readonly<Record<string, unknown>> = {};
  for (let count = 1; count <= 5; count++) {
    const world = worldWith(2);
    await asDeadLetter(world, hub, body(event), { applicationProperties });
    assert.equal(world.resubmitted.length, 1);
    applicationProperties = world.resubmitted[0]?.message.applicationProperties ?? {};
    assert.equal(applicationProperties["resubmissions"], count);
  }
  const world = worldWith(2);
  await asDeadLetter(world, hub, body(event), { applicationProperties });
  assert.equal(world.resubmitted.length, 0);
  const [{ input } = assert.fail("no conflict")] = conflicts();
  assert.equal((input as AnswerInput).completion.event.data.problem?.code, "RequestIdConflict");
});

test("the first arrival of a message that was sent again is known with any of the sender's sealing keys", () => {
  const read = { source: "/ticketing", id: "r-1" };
  const message = (more: Readonly<Record<string, unknown>>) =>
    readTriggerMessage(Buffer.from("{}"), hub.context(metadata(more)), { queue: "q", now: () => new Date(0) });
  const applicationProperties = resubmissionPropertiesOf(message({}), read, ring(2, 1));
  const again = message({ sequenceNumber: 99, applicationProperties });
  for (const keys of [ring(1), ring(2), ring(1, 2), ring(2, 1)]) assert.equal(restoreFirstArrival(again, read, keys).sequenceNumber, "7");
  assert.equal(restoreFirstArrival(again, read, ring(3)).sequenceNumber, "99");
});
