import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { receiveRequest } from "../../../functions/intake/receive-request.ts";
import { instanceIdOf } from "../../../shared/durable/instance-id.ts";
import { dataOf, type ProvisioningRequest } from "../../../shared/durable/request.ts";
import { metadata, receivingOf } from "../../support/receiving.ts";
import { cancellationOf } from "../../support/requester.ts";
import { sampleEvent } from "../../support/sample.ts";
import { startTaskHub } from "../../support/task-hub.ts";

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
const bytes = (event: unknown) => Buffer.from(typeof event === "string" ? event : JSON.stringify(event));

test("a request starts its instance with what the message said, its keys sealed", async () => {
  const { receiving } = receivingOf();
  const event = sampleEvent();
  await receiveRequest("requests", receiving)(bytes(event), hub.context(metadata({ replyToSessionId: "mine" })));
  const [{ id, name, input } = { id: "", name: "", input: null as never }] = hub.started;
  const request = input as ProvisioningRequest;
  assert.deepEqual([id, name, request.instanceId], [instanceIdOf(event.source, event.id), "provisionVpnConnection", id]);
  assert.deepEqual([request.requestId, request.replySessionId, request.sequenceNumber], [event.id, "mine", "7"]);
  assert.equal(request.receivedAt, "2026-01-01T00:00:00.000Z");
  const key = event.data.connection.properties.vpnLinkConnections[0]?.properties["sharedKey"];
  assert.ok(typeof key === "string" && !JSON.stringify(request).includes(key));
});

test("nothing in an instance's input is an object of the sender's: the Durable SDK calls methods of objects", async () => {
  const { receiving } = receivingOf();
  const fields = '{"hasOwnProperty":1,"Timestamp":"2026-01-01","x":[{"hasOwnProperty":{}}]}';
  for (const type of ["requested", "cancel.requested"]) {
    const event = `{"specversion":"1.0","type":"vpn-connection.provision.${type}.v1","id":"${type}","source":"/s","data":${fields}}`;
    await receiveRequest("requests", receiving)(bytes(event), hub.context(metadata()));
    const { input } = hub.started.pop() ?? assert.fail();
    assert.deepEqual(dataOf(input as ProvisioningRequest), JSON.parse(fields));
    const isSafe = (node: unknown): boolean =>
      typeof node !== "object" || node === null || (!Object.hasOwn(node, "hasOwnProperty") && Object.values(node).every(isSafe));
    assert.ok(isSafe(JSON.parse(JSON.stringify(input))), JSON.stringify(input));
  }
});

test("a cancellation starts another orchestration", async () => {
  const { receiving } = receivingOf();
  await receiveRequest("requests", receiving)(bytes(cancellationOf(sampleEvent())), hub.context(metadata()));
  assert.deepEqual(
    hub.started.map(({ name }) => name),
    ["cancelProvisioning"],
  );
});

test("many deliveries of one request at once start it once", async () => {
  const { receiving } = receivingOf();
  const event = sampleEvent();
  await Promise.all(Array.from({ length: 8 }, () => receiveRequest("requests", receiving)(bytes(event), hub.context(metadata()))));
  assert.equal(hub.started.length, 1);
});

/**
 * Delivers a message as the broker does, again at once whenever it is given back, ten times at
 * most; answers how often.
 */
async function deliveries(world: ReturnType<typeof receivingOf>, body: Buffer, more: Parameters<typeof metadata>[0] = {}): Promise<number> {
  for (let deliveryCount = 1; deliveryCount <= 10; deliveryCount++) {
    const began = world.clock.time;
    const ended = await receiveRequest("requests", world.receiving)(body, hub.context(metadata({ ...more, deliveryCount }))).then(
      () => true,
      () => false,
    );
    assert.ok(world.clock.time - began <= 5 * MINUTE_MS, "the host would have cut the invocation off");
    if (ended) return deliveryCount;
  }
  throw new Error("The message is a dead letter");
}

/** Lets something be away for a while of the world's time. */
function outage(world: ReturnType<typeof receivingOf>, minutes: number, set: (away: boolean) => void): void {
  const { receiving, clock } = world;
  const over = clock.time + minutes * MINUTE_MS;
  set(true);
  Object.assign(receiving, {
    pause: async (milliseconds: number) => {
      clock.time += milliseconds;
      set(clock.time < over);
    },
  });
}

test("ten minutes without a store: the request is begun when it is back, long before it would be a dead letter", async () => {
  const world = receivingOf();
  outage(world, 10, (away) => Object.assign(hub, { away }));
  const event = sampleEvent();
  const delivered = await deliveries(world, bytes(event));
  assert.ok(delivered <= 4, `${delivered} of 10 deliveries`);
  assert.equal(hub.started.length, 1);
  assert.deepEqual([world.published, world.quarantined], [[], []]);
});

test("half an hour without a store is still short of a dead letter", async () => {
  const world = receivingOf();
  outage(world, 30, (away) => Object.assign(hub, { away }));
  assert.ok((await deliveries(world, bytes(sampleEvent()))) < 10);
  assert.equal(hub.started.length, 1);
});

test("ten minutes without a broker: a message that cannot be read is answered and kept, once each", async () => {
  const world = receivingOf();
  outage(world, 10, (away) => Object.assign(world.broker, { away }));
  const delivered = await deliveries(world, bytes("{"), { messageId: "broken", contentType: undefined });
  assert.ok(delivered <= 4, `${delivered} of 10 deliveries`);
  assert.equal(world.quarantined.length, 1);
  assert.equal(new Set(hub.started.map(({ id }) => id)).size, 1);
});
