import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import type { AnswerInput } from "../../../shared/durable/answer.ts";
import { instanceIdOf } from "../../../shared/durable/instance-id.ts";
import type { ProvisioningRequest } from "../../../shared/durable/request.ts";
import { asDeadLetter, byTrigger, type metadata, receivingOf } from "../../support/receiving.ts";
import { cancellationOf } from "../../support/requester.ts";
import { sampleEvent } from "../../support/sample.ts";
import { startTaskHub } from "../../support/task-hub.ts";

// What becomes of a message before anybody asks what it wants: may its queue say this, and can it
// be kept?

let hub: Awaited<ReturnType<typeof startTaskHub>>;
before(async () => {
  hub = await startTaskHub();
});
afterEach(() => {
  for (const noted of [hub.instances, hub.entities]) noted.clear();
  for (const noted of [hub.started, hub.logged]) noted.length = 0;
});
after(() => hub.close());

type World = ReturnType<typeof receivingOf>;
const portal = () => receivingOf({ prefix: "/portal" });

async function taken(world: World, event: object | Buffer, more: Parameters<typeof metadata>[0] = {}, way = byTrigger) {
  await way(world, hub, Buffer.isBuffer(event) ? event : Buffer.from(JSON.stringify(event)), more);
}

/** The one answer that was begun. */
function answer(): { id: string; answer: AnswerInput } {
  assert.deepEqual(
    hub.started.map(({ name }) => name),
    ["answerMessage"],
  );
  const [{ id, input } = assert.fail()] = hub.started.splice(0);
  return { id, answer: input as AnswerInput };
}

for (const [name, way] of [
  ["a message", byTrigger],
  ["a dead letter", asDeadLetter],
] as const) {
  test(`${name} of a source that its queue may not use is answered in the queue's name, with its own session and ticket`, async () => {
    const world = portal();
    const event = sampleEvent();
    await taken(world, event, { messageId: "m-1", replyToSessionId: "mine", applicationProperties: { resubmissions: 5 } }, way);
    const { id, answer: given } = answer();
    assert.match(id, new RegExp(`^${instanceIdOf("/service-bus/requests", "m-1")}\\.unreadable\\.`));
    const { completion, claimId } = given;
    const { requestId, requestSource, outcome, problem } = completion.event.data;
    assert.deepEqual([claimId, completion.event.id], [id, id]);
    assert.deepEqual([requestId, requestSource, outcome], ["m-1", "/service-bus/requests", "Rejected"]);
    assert.deepEqual([problem?.code, problem?.target, problem?.actor], ["SourceNotAllowed", "/source", "requester"]);
    assert.match(
      String(problem?.message),
      new RegExp(`"/ticketing/servicenow" is .*\\(request "${event.id}"\\).* for /portal and sources below it\\.$`),
    );
    assert.deepEqual([completion.replySessionId, completion.ticket], ["mine", JSON.stringify(event.data.ticket)]);
    assert.deepEqual([world.quarantined, world.published, world.resubmitted], [[], [], []], "it may hold keys, and its sender is known");
    assert.deepEqual(
      hub.logged.map(({ step, problem, queue, requestSource, requestId }) => [step, problem, queue, requestSource, requestId]),
      [["rejected", "SourceNotAllowed", "requests", "/ticketing/servicenow", event.id]],
    );
  });

  test(`${name} of another queue's request gets neither its answer nor its cancellation`, async () => {
    const event = sampleEvent();
    const instanceId = instanceIdOf(event.source, event.id);
    const first = receivingOf();
    await taken(first, event);
    const { fingerprints } = (hub.started.splice(0)[0] ?? assert.fail()).input as ProvisioningRequest;
    const completion = { event: { id: `${instanceId}.completed`, data: {} }, ticket: null, replySessionId: "first" };
    hub.entities.set(`request/${instanceId}`, { fingerprints, completion, sent: true, cancelled: false });
    const world = portal();
    for (const told of [event, { ...event, data: {} }, cancellationOf(event)]) {
      await taken(world, told, { replyToSessionId: "mine" }, way);
      assert.equal(answer().answer.completion.event.data.problem?.code, "SourceNotAllowed");
    }
    assert.deepEqual(world.published, []);
  });
}

test("what its queue may say is carried out: sources below the prefix, and bare bodies", async () => {
  const world = portal();
  for (const source of ["/portal", "/portal/web"]) {
    await taken(world, { ...sampleEvent(), source });
    assert.deepEqual(hub.started.splice(0).at(0)?.name, "provisionVpnConnection");
  }
  await taken(world, sampleEvent().data, { contentType: "application/json", messageId: "bare-1" });
  assert.deepEqual(hub.started.at(0)?.id, instanceIdOf("/service-bus/requests", "bare-1"));
});

test("binary mode names its source in a property, which is judged the same", async () => {
  const { data, id } = sampleEvent();
  const properties = { "cloudEvents:specversion": "1.0", "cloudEvents:id": id, cloudEvents_source: "/ticketing/x", cloudEvents_type: "t" };
  await taken(portal(), data, { contentType: "application/json", applicationProperties: properties });
  assert.equal(answer().answer.completion.event.data.problem?.code, "SourceNotAllowed");
});

test("an unreadable message is answered under the id that it names only if its queue may use the source", async () => {
  for (const [sequenceNumber, source, expected] of [
    [1, "/portal/web", ["id-1", "/portal/web"]],
    [2, "/ticketing/servicenow", ["m-2", "/service-bus/requests"]],
  ] as const) {
    const text = `{"specversion":"1.0","type":"t","id":"id-1","source":"${source}","data":{"a":1,"a":2}}`;
    await taken(portal(), Buffer.from(text), { messageId: "m-2", sequenceNumber });
    const { requestId, requestSource, problem } = answer().answer.completion.event.data;
    assert.deepEqual([requestId, requestSource], expected);
    assert.equal(problem?.code, "UnreadableMessage");
  }
});

test("two messages whose ids the worker made equal have an answer each", async () => {
  const ids = new Set<string>();
  for (const sequenceNumber of [1, 2, 2]) {
    await taken(receivingOf(), Buffer.from("{"), { messageId: 1000, contentType: undefined, sequenceNumber });
    ids.add(answer().id);
    hub.instances.clear();
  }
  assert.equal(ids.size, 2);
});

test("a body above 256 KB is not read, whatever it holds, and kept as a reference", async () => {
  const largest = 256 * 1024;
  const event = JSON.stringify(sampleEvent());
  await taken(receivingOf(), Buffer.from(event.padEnd(largest)));
  assert.equal(hub.started.splice(0)[0]?.name, "provisionVpnConnection");
  const world = receivingOf();
  await taken(world, Buffer.from(event.padEnd(largest + 1)), { messageId: "large", sequenceNumber: 12 });
  const { requestId, requestSource, problem } = answer().answer.completion.event.data;
  assert.deepEqual([requestId, requestSource], ["large", "/service-bus/requests"]);
  assert.deepEqual([problem?.code, problem?.message], ["UnreadableMessage", "The body has 262145 bytes. At most 262144 are allowed."]);
  const [{ body, properties, messageId } = assert.fail("nothing was kept")] = world.quarantined;
  assert.deepEqual([body.length, messageId, properties["messageId"]], [0, "large", "large"]);
  assert.deepEqual([properties["queue"], properties["sequenceNumber"], properties["size"]], ["requests", "12", "262145"]);
  assert.match(String(properties["sha256"]), /^[0-9a-f]{64}$/);
});

test("an answer goes to no session that its sender may not have meant, and a request's answer says so", async () => {
  for (const [replyToSessionId, session, warned] of [
    ["mine", "mine", false],
    ["", null, false],
    [undefined, null, false],
    [42, null, true],
    [1e5, null, true],
    [true, null, true],
    [["a"], null, true],
    ["x".repeat(128), "x".repeat(128), false],
    ["x".repeat(129), null, true],
  ] as const) {
    await taken(receivingOf(), sampleEvent(), { replyToSessionId });
    const request = hub.started.splice(0)[0]?.input as unknown as ProvisioningRequest;
    assert.equal(request.replySessionId, session);
    assert.deepEqual(
      request.warnings?.map(({ code }) => code),
      warned ? ["ReplySessionIgnored"] : [],
    );
    await taken(receivingOf(), Buffer.from("{"), { replyToSessionId, contentType: undefined });
    const { completion } = answer().answer;
    assert.equal(completion.replySessionId, session);
    assert.equal(completion.event.data.problem?.details.length, warned ? 1 : 0);
  }
});
