import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../local/clock.ts";
import { problem } from "../../shared/contract/problem.ts";
import type { Settled } from "../../shared/durable/settled.ts";
import { beginning, drive, type Play, verifying } from "./driven.ts";
import { requestNamed } from "./requests.ts";

// For a while no instance of the app that runs a step has the sealing key of the request.

const target = { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "gateway1", connectionName: "c" };
const unknown: Settled<never> = {
  later: { class: "sealing", problem: { ...problem("ServiceUnavailable", 'SEALING_KEYS has no key "k2".'), actor: "operator" } },
};
const operation = {
  status: "running",
  change: "Created",
  operationUrl: "https://arm.example/operations/1",
  operationId: "1",
  retryAfterSeconds: 10,
  armState: "Updating",
  warnings: [],
  diff: [],
  given: { keys: [], source: [] },
  sealed: {},
};
const connection = { instanceId: requestNamed("c").instanceId, requestId: "c", ticketId: null, target, sealed: {} };
const well: Readonly<Record<string, object>> = {
  validateRequest: { connection, desired: { properties: {} }, warnings: [], mode: "apply" },
  putConnection: operation,
  pollOperation: { done: true, armState: "Succeeded", retryAfterSeconds: null },
  verifyConnection: { properties: { provisioningState: "Succeeded" } },
};
const MINUTE_MS = 60_000;

/** All goes well, but for some minutes after the first try of a step its sealing key is unknown. */
function unknownFor(minutes: number, step: string, clock: { now(): number }): Play {
  let since: number | undefined;
  return verifying((name) => {
    if (name !== step) return { ok: well[name] ?? true };
    since ??= clock.now();
    return clock.now() < since + minutes * MINUTE_MS ? unknown : { ok: well[name] };
  });
}

async function run(step: string, minutes: number) {
  const clock = createManualClock(beginning);
  return drive(requestNamed("c"), unknownFor(minutes, step, clock), { clock });
}

for (const step of ["validateRequest", "putConnection", "pollOperation", "verifyConnection"]) {
  test(`${step}: waits longer than the transient budget, and the request succeeds`, async () => {
    const { completion, time } = await run(step, 40);
    assert.equal(completion.event.data.outcome, "Succeeded", JSON.stringify(completion.event.data.problem));
    assert.ok(time - beginning >= 40 * MINUTE_MS);
  });
}

test("without a sealing key the number of a try stays, because nothing was called", async () => {
  const { steps } = await run("putConnection", 5);
  const puts = steps.flatMap((step) => (step.does === "call" && step.name === "putConnection" ? [step.input as { attempt: number }] : []));
  assert.ok(puts.length > 2);
  assert.deepEqual([...new Set(puts.map(({ attempt }) => attempt))], [1]);
});

test("before the PUT the request ends at its deadline, and names the sealing key", async () => {
  const { completion, answeredAt, world } = await run("putConnection", 600);
  const { problem: because } = completion.event.data;
  assert.equal(because?.code, "OperationDeadlineExceeded");
  assert.equal(because?.actor, "operator");
  assert.match(because?.message ?? "", /SEALING_KEYS has no key "k2"/);
  assert.ok(answeredAt - beginning <= 60 * MINUTE_MS);
  assert.equal(world.gateway.holder, null);
});

test("a request that never opened ends at its queue deadline", async () => {
  const { completion, answeredAt } = await run("validateRequest", 100_000);
  assert.equal(completion.event.data.problem?.code, "QueueDeadlineExceeded");
  assert.equal(completion.event.data.problem?.actor, "operator");
  assert.ok(answeredAt - beginning > 20 * 60 * MINUTE_MS);
});

test("after the PUT the answer comes at the deadline, and the gateway is kept until the end is seen", async () => {
  const { completion, answeredAt, time, world, steps } = await run("pollOperation", 180);
  assert.equal(completion.event.data.problem?.code, "OperationDeadlineExceeded");
  assert.ok(answeredAt - beginning <= 61 * MINUTE_MS);
  assert.ok(time - beginning >= 180 * MINUTE_MS);
  const polls = steps.filter((step) => step.does === "call" && step.name === "pollOperation");
  assert.ok(polls.length > 2);
  assert.deepEqual(world.gateway.unsettled, []);
});
