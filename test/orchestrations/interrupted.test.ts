import assert from "node:assert/strict";
import { test } from "node:test";
import type { Completion } from "../../shared/contract/completion.ts";
import { problem } from "../../shared/contract/problem.ts";
import { requestHeaderOf } from "../../shared/durable/answer.ts";
import { claimOperations, noClaim } from "../../shared/durable/claim.ts";
import { freeGateway } from "../../shared/durable/gateway.ts";
import { dataOf } from "../../shared/durable/request.ts";
import type { Settled } from "../../shared/durable/settled.ts";
import { drive, emptyWorld, type Play } from "./driven.ts";
import { requestNamed } from "./requests.ts";

// What an instance cannot know of itself: that it stands in the place of another one, and that a
// host was killed while it was writing.

const first = { ...requestNamed("ours"), ticket: '{"of":"the first"}' };
const { instanceId } = first;
const published: Play = (name) => (name === "publishCompletion" ? { ok: true } : new Error(`${name} is not called`));

function answersOf(steps: Awaited<ReturnType<typeof drive>>["steps"]): Completion[] {
  return steps.flatMap((step) => (step.does === "call" && step.name === "publishCompletion" ? [step.input as Completion] : []));
}

test("whoever begins in the place of an instance that was ended answers for it, and is refused itself", async () => {
  const world = emptyWorld();
  world.claims.set(instanceId, claimOperations.open(noClaim, { fingerprints: first.fingerprints, asked: requestHeaderOf(first) }));
  const { steps, statuses } = await drive({ ...requestNamed("ours"), fingerprints: ["k1.another"] }, published, { world });
  assert.deepEqual(
    statuses.map((status) => (status as { step: string }).step),
    ["answering"],
    "it is not taken for stuck while the broker is away",
  );
  const answers = answersOf(steps).map(({ event, ticket }) => [event.id, event.data.problem?.code, event.data.armState, ticket]);
  assert.deepEqual(answers, [
    [`${instanceId}.completed`, "Interrupted", "Unknown", first.ticket],
    [`${instanceId}.conflict.another`, "RequestIdConflict", null, null],
  ]);
  assert.ok(world.claims.get(instanceId)?.sent, "the sweeper has nothing to do");
});

test("an answer that was claimed and not sent is sent on by whoever begins in its place", async () => {
  const world = emptyWorld();
  const { completion } = await drive({ ...first, data: "{}" }, refusedAtOnce(), { world });
  world.claims.set(instanceId, {
    ...claimOperations.open(noClaim, { fingerprints: first.fingerprints, asked: requestHeaderOf(first) }),
    completion,
  });
  const { steps } = await drive({ ...requestNamed("ours"), fingerprints: ["k1.another"] }, published, { world });
  assert.deepEqual(
    answersOf(steps).map(({ event }) => [event.id, event.data.problem?.code]),
    [
      [`${instanceId}.completed`, "InvalidRequest"],
      [`${instanceId}.conflict.another`, "RequestIdConflict"],
    ],
  );
});

test("whoever begins in the place of an instance that had its answer is refused, and nothing else is sent", async () => {
  const world = emptyWorld();
  const { completion } = await drive({ ...first, data: "{}" }, refusedAtOnce(), { world });
  assert.equal(completion.event.data.problem?.code, "InvalidRequest");
  const { steps } = await drive({ ...requestNamed("ours"), fingerprints: ["k1.another"] }, published, { world });
  assert.deepEqual(
    answersOf(steps).map(({ event }) => event.id),
    [`${instanceId}.conflict.another`],
  );
});
function refusedAtOnce(): Play {
  return (name) => (name === "validateRequest" ? { problem: problem("InvalidRequest", "of no use") } : { ok: true });
}

const { target } = dataOf(first) as { target: object };
const unread: Settled<never> = {
  later: { class: "transient", problem: problem("ServiceUnavailable", "no answer") },
  attempts: [{ action: "get", clientRequestId: "1", status: null, code: null, retryAfterSeconds: null }],
};
const read: Settled<never> = {
  later: { class: "transient", problem: problem("ServiceUnavailable", "refused") },
  attempts: [
    { action: "get", clientRequestId: "1", status: 404, code: "NotFound", retryAfterSeconds: null },
    { action: "put", clientRequestId: "2", status: 429, code: "TooManyRequests", retryAfterSeconds: null },
  ],
};
for (const [name, put, unsettled] of [
  ["could not be read to the end is handed on as unsettled: a killed host may have sent a PUT that nobody noted", unread, ["ours"]],
  ["was read, and its PUT refused, is handed on as it is", read, []],
] as const) {
  test(`a connection that ${name}`, async () => {
    const play: Play = (activity) => {
      if (activity === "validateRequest") return { ok: { connection: { instanceId, target, sealed: {} }, desired: {}, warnings: [] } };
      return activity === "putConnection" ? put : { ok: true };
    };
    const { completion, world } = await drive(first, play);
    assert.equal(completion.event.data.problem?.code, "ServiceUnavailable");
    assert.deepEqual(world.gateway, { ...freeGateway, unsettled });
  });
}
