import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { retryNotYet } from "../../../functions/durable/retry.ts";
import { openIntake } from "../../../functions/intake/intake.ts";
import { rejectUnreadable } from "../../../functions/intake/reject-unreadable.ts";
import { readTriggerMessage } from "../../../functions/intake/request-message.ts";
import type { Unreadable } from "../../../shared/contract/message.ts";
import type { AnswerInput } from "../../../shared/durable/answer.ts";
import { instanceIdOf } from "../../../shared/durable/instance-id.ts";
import { metadata, receivingOf } from "../../support/receiving.ts";
import { startTaskHub } from "../../support/task-hub.ts";

let hub: Awaited<ReturnType<typeof startTaskHub>>;
before(async () => {
  hub = await startTaskHub();
});
after(() => hub.close());

const unreadable: Unreadable = { unreadable: "It says nothing.", target: "/id" };

/** Answers one message; tells what was started and kept. */
async function answered(body: string, messageId: string, fault: Unreadable = unreadable, world = receivingOf(), sequenceNumber = 7) {
  const context = hub.context(
    metadata({ messageId, sequenceNumber, replyToSessionId: "mine", deliveryCount: 3, contentType: "text/plain" }),
  );
  const message = readTriggerMessage(Buffer.from(body), context, { ...world.receiving, queue: "requests" });
  const intake = openIntake(world.receiving, context);
  await retryNotYet(() => rejectUnreadable(message, fault, intake), world.receiving, Number.POSITIVE_INFINITY);
  const { id, name, input } = hub.started.splice(0)[0] ?? assert.fail("nobody was answered");
  return { id, name, answer: input as AnswerInput, kept: world.quarantined };
}

test("it is answered under its message id, and kept as it came with where it came from", async () => {
  const { id, name, answer, kept } = await answered("{", "m-1");
  assert.equal(name, "answerMessage");
  assert.match(id, new RegExp(`^${instanceIdOf("/service-bus/requests", "m-1")}\\.unreadable\\.[\\w-]{43}$`));
  assert.deepEqual([answer.claimId, answer.completion.event.id], [id, id]);
  const { data } = answer.completion.event;
  assert.deepEqual([data.requestId, data.requestSource, data.outcome], ["m-1", "/service-bus/requests", "Rejected"]);
  assert.deepEqual([data.problem?.code, data.problem?.message, data.problem?.target], ["UnreadableMessage", "It says nothing.", "/id"]);
  assert.equal(answer.completion.replySessionId, "mine");
  assert.deepEqual(kept, [
    {
      body: Buffer.from("{"),
      contentType: "text/plain",
      messageId: "m-1",
      reason: "UnreadableMessage",
      properties: {
        queue: "requests",
        sequenceNumber: "7",
        deliveryCount: "3",
        enqueuedAt: "2026-01-01T00:00:00.000Z",
        description: "It says nothing.",
      },
    },
  ]);
});

test("where it names its sender and id all the same, the answer does so too", async () => {
  const { answer } = await answered("{", "m-2", { ...unreadable, id: "theirs", source: "/theirs" });
  assert.deepEqual([answer.completion.event.data.requestId, answer.completion.event.data.requestSource], ["theirs", "/theirs"]);
});

test("one message has one answer, which no other message hides, and whose id says nothing of the content", async () => {
  const ids = [];
  for (const [body, messageId, sequenceNumber] of [
    ["{", "m-3", 1],
    ["{", "m-3", 2],
    ["{", "m-4", 1],
  ] as const)
    ids.push((await answered(body, messageId, unreadable, receivingOf(), sequenceNumber)).id);
  assert.equal(new Set(ids).size, 3);
  for (const body of ["{", "any other content"]) {
    hub.instances.clear();
    const { id, answer } = await answered(body, "m-3", unreadable, receivingOf(), 1);
    assert.deepEqual([id, answer.fingerprints], [ids[0], [id]]);
  }
});

test("what is tried again is not kept twice", async () => {
  const world = receivingOf();
  hub.away = true;
  await assert.rejects(answered("{", "m-5", unreadable, world));
  hub.away = false;
  await answered("{", "m-5", unreadable, world);
  assert.equal(world.quarantined.length, 1);
});
