import assert from "node:assert/strict";
import { after, afterEach, test } from "node:test";
import { restoreFirstArrival, resubmissionPropertiesOf } from "../../../functions/intake/first-arrival.ts";
import { readTriggerMessage } from "../../../functions/intake/request-message.ts";
import type { ProvisioningRequest } from "../../../shared/durable/request.ts";
import { deriveKeys } from "../../../shared/secrets/key-ring.ts";
import { asDeadLetter, byTrigger, metadata, receivingOf } from "../../support/receiving.ts";
import { sampleEvent } from "../../support/sample.ts";
import { startTaskHub } from "../../support/task-hub.ts";

const hub = await startTaskHub();
afterEach(() => {
  hub.started.length = 0;
});
after(() => hub.close());

const ring = (...ids: number[]) => new Map(ids.map((id) => [`k${id}`, Buffer.alloc(32, id)]));
const who = { source: "/ticketing", id: "r-1" };
const message = (more: Readonly<Record<string, unknown>>) =>
  readTriggerMessage(Buffer.from("{}"), hub.context(metadata(more)), { queue: "q", now: () => new Date(0) });
const first = message({ sequenceNumber: 7 });
const again = (applicationProperties: object) =>
  message({ sequenceNumber: 99, enqueuedTimeUtc: "2026-01-02T00:00:00.000Z", applicationProperties });
const told = (applicationProperties: object, read = who, keys = ring(1)) => {
  const { receivedAt, sequenceNumber, resubmissions } = restoreFirstArrival(again(applicationProperties), read, keys);
  return [receivedAt, sequenceNumber, resubmissions];
};
const ofFirst = ["2026-01-01T00:00:00.000Z", "7", 1];
const ofLast = ["2026-01-02T00:00:00.000Z", "99", 0];

test("a message that the app sends again keeps its first arrival, however often it is sent, and counts", () => {
  let properties: Record<string, unknown> = resubmissionPropertiesOf(first, who, ring(1));
  for (let count = 1; count <= 5; count++) {
    assert.deepEqual(told(properties), [...ofFirst.slice(0, 2), count]);
    properties = resubmissionPropertiesOf(restoreFirstArrival(again(properties), who, ring(1)), who, ring(1));
  }
});

test("every key of the ring is accepted, and none that has left it", () => {
  const properties = resubmissionPropertiesOf(first, who, ring(1));
  assert.deepEqual(told(properties, who, ring(2, 1)), ofFirst);
  assert.deepEqual(told(properties, who, ring(2)), ofLast);
});

test("what is missing, changed, of another queue or of another request is ignored", () => {
  const properties = resubmissionPropertiesOf(first, who, ring(1));
  const { firstArrival, firstArrivalProof, ...rest } = properties;
  assert.deepEqual(told({}), ofLast);
  assert.deepEqual(told({ ...rest, firstArrival }), ofLast);
  assert.deepEqual(told({ ...rest, firstArrivalProof }), ofLast);
  assert.deepEqual(told({ ...properties, firstArrival: "q 2020-01-01T00:00:00.000Z 7" }), ofLast);
  assert.deepEqual(told({ ...properties, resubmissions: 5 }), ofLast);
  assert.deepEqual(told({ ...properties, firstArrivalProof: 12 }), ofLast);
  assert.deepEqual(told(resubmissionPropertiesOf({ ...first, queue: "another" }, who, ring(1))), ofLast);
  assert.deepEqual(told(properties, { ...who, id: "r-2" }), ofLast);
  assert.deepEqual(told(properties, { ...who, source: "/other" }), ofLast);
});

test("the key has no other use", () => {
  const keys = ring(1);
  const [arrival] = [...deriveKeys("arrival", keys).values()];
  for (const use of ["seal", "payload", "key", "source", "ids"] as const)
    assert.notDeepEqual(arrival, [...deriveKeys(use, keys).values()][0]);
});

test("a request has its first arrival, and a sender who makes one up has the arrival of its message", async () => {
  const world = receivingOf();
  const event = sampleEvent();
  const body = Buffer.from(JSON.stringify(event));
  await asDeadLetter(world, hub, body, { sequenceNumber: 3, enqueuedTimeUtc: "2025-12-31T00:00:00.000Z" });
  const [{ message: sent } = assert.fail("it was not sent again")] = world.resubmitted;
  const { applicationProperties } = sent;
  const arrived = () => {
    const [{ input } = assert.fail("nothing was started")] = hub.started.splice(0);
    const { receivedAt, sequenceNumber } = input as ProvisioningRequest;
    return [receivedAt, sequenceNumber];
  };
  await byTrigger(world, hub, body, { sequenceNumber: 50, applicationProperties });
  assert.deepEqual(arrived(), ["2025-12-31T00:00:00.000Z", "3"]);
  for (const firstArrivalProof of [undefined, "k1.AAAA", applicationProperties["firstArrivalProof"]]) {
    const forged = { ...applicationProperties, firstArrival: "requests 2099-01-01T00:00:00.000Z 9999999", firstArrivalProof };
    await byTrigger(world, hub, Buffer.from(JSON.stringify(sampleEvent())), { sequenceNumber: 51, applicationProperties: forged });
    assert.deepEqual(arrived(), ["2026-01-01T00:00:00.000Z", "51"]);
  }
});
