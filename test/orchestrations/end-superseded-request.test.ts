import assert from "node:assert/strict";
import { test } from "node:test";
import { provisionVpnConnection } from "../../orchestrations/provision-vpn-connection.ts";
import { type ProblemCode, problem } from "../../shared/contract/problem.ts";
import type { Requester } from "../../shared/durable/fence.ts";
import { freeGateway, type Gateway, gatewayOperations } from "../../shared/durable/gateway.ts";
import type { Attempt, Settled } from "../../shared/durable/settled.ts";
import type { Waiter } from "../../shared/durable/waiting.ts";
import { drive, emptyWorld, type Play, type World } from "./driven.ts";
import { driveTogether } from "./driven-together.ts";
import { beginning } from "./replayed.ts";
import { requestNamed } from "./requests.ts";

// An older request meets a newer one for the same connection.

const request = requestNamed("older", { rank: 2, connection: "one" });
const { instanceId, requestSource } = request;
const now = new Date(beginning).toISOString();
const newer: Waiter = { ...request, instanceId: "vpn-newer", enqueuedAt: now, sequenceNumber: "9", connectionName: "One", look: 1 };
const written = (changedBy: Requester = { requestSource, requestId: "newer one" }): Gateway =>
  gatewayOperations.release(
    { ...freeGateway, holder: newer },
    { instanceId: newer.instanceId, unsettled: [], changedBy, keys: "same", now },
  );

type Script = Settled<unknown> | Error;
const planned = (change: string): Script => ({ ok: { change, diff: [], resource: { of: change }, armState: "Succeeded" } });
function plays(scripts: Readonly<Record<string, Script>>): Play {
  const { target } = JSON.parse(request.data ?? "null") as { target: object };
  const well: Record<string, Script> = {
    validateRequest: { ok: { connection: { instanceId, target, sealed: {} }, desired: {}, warnings: [] } },
    planConnection: planned("Updated"),
    inspectInstance: { ok: { alive: true } },
    publishCompletion: { ok: true },
    ...scripts,
  };
  return (name) => well[name] as Script;
}
async function endOf(gateway: Gateway, scripts: Readonly<Record<string, Script>> = {}, raises: World["raises"] = []) {
  const world = { ...emptyWorld(), gateway, raises: [...raises] };
  const { completion, steps, time } = await drive(request, plays(scripts), { world });
  const asked = steps.flatMap((step) => (step.does === "wait" ? [] : [step.does === "call" ? step.name : step.operation]));
  return { data: completion.event.data, asked, world, time };
}
const first = "A newer request for this connection was sent to Azure first. This one changed nothing.";

test("it is rejected without a PUT: nothing is handed over, forgotten or evicted for it", async () => {
  const { data, asked, world } = await endOf(written());
  assert.deepEqual(
    [data.outcome, data.problem?.code, data.problem?.retryable, data.problem?.actor],
    ["Rejected", "Superseded", false, "requester"],
  );
  assert.equal(data.problem?.message, `${first} The newer request is "newer one" from "/test".`);
  assert.deepEqual([data.change, data.resource, data.armState, data.timing.leaseGrantedAt], [null, null, null, null]);
  assert.deepEqual(asked, ["open", "validateRequest", "acquire", "planConnection", "claim", "publishCompletion", "sent"]);
  assert.deepEqual(world.gateway, written());
});

test("another source's request is not named, and one that nobody knows neither", async () => {
  for (const by of [
    { requestSource: "/another", requestId: "secret" },
    { requestSource: "", requestId: "" },
  ])
    assert.equal((await endOf(written(by))).data.problem?.message, first);
});

test("if everything is as it wants it, keys included, it succeeds as Unchanged", async () => {
  const { data, asked } = await endOf(written(), { planConnection: planned("Unchanged") });
  assert.deepEqual([data.outcome, data.change, data.resource, data.armState], ["Succeeded", "Unchanged", { of: "Unchanged" }, "Succeeded"]);
  assert.ok(!asked.includes("putConnection"));
});

test("a read that fails changes nothing about the answer", async () => {
  const scripts = { planConnection: { problem: problem("NotAuthorized", "no") } };
  assert.equal((await endOf(written(), scripts)).data.problem?.code, "Superseded");
  const unanswered = { planConnection: { later: { class: "transient", problem: problem("ServiceUnavailable", "away") } } } as const;
  assert.equal((await endOf(written(), unanswered)).data.problem?.code, "Superseded");
  assert.equal((await endOf(written(), { planConnection: new Error("unforeseen") })).data.problem?.code, "Superseded");
});

test("a cancellation while the connection is read is a cancellation", async () => {
  const unanswered = { planConnection: { later: { class: "transient", problem: problem("ServiceUnavailable", "away") } } } as const;
  const { data } = await endOf(written(), unanswered, [{ event: "cancelRequested", when: () => true }]);
  assert.deepEqual([data.outcome, data.problem?.code], ["Cancelled", "RequestCancelled"]);
});

test("a plan is never superseded", async () => {
  const { target } = JSON.parse(request.data ?? "null") as { target: object };
  const valid = { ok: { connection: { instanceId, target, sealed: {} }, desired: {}, warnings: [], mode: "plan" } };
  const { data, asked } = await endOf(written(), { validateRequest: valid });
  assert.deepEqual([data.outcome, asked.includes("acquire")], ["Planned", false]);
});

test("whoever waits is woken at once when the newer request has been written", () => {
  const newest = requestNamed("newest", { rank: 8, connection: "one" });
  const { claims, operations, instances } = driveTogether([
    { orchestrator: provisionVpnConnection, input: newest, plan: { operationSeconds: 10 } },
    { orchestrator: provisionVpnConnection, input: request },
  ]);
  assert.deepEqual(
    operations.map((operation) => operation.instanceId),
    [newest.instanceId],
  );
  const answerOf = (id: string) => claims.get(id)?.completion?.event.data;
  assert.deepEqual([answerOf(newest.instanceId)?.outcome, answerOf(instanceId)?.problem?.code], ["Succeeded", "Superseded"]);
  const steps = instances.get(instanceId)?.run.statuses.map((status) => (status as { step: string }).step);
  assert.deepEqual(steps, ["begun", "validated", "waiting"]);
  const completedAt = (id: string) => Date.parse(String(answerOf(id)?.timing.completedAt));
  assert.ok(Math.abs(completedAt(instanceId) - completedAt(newest.instanceId)) < 2_000);
});

const attempt = (status: number | null): readonly Attempt[] => [
  { action: "put", clientRequestId: "id", status, code: null, retryAfterSeconds: null },
];
const refused = (code: ProblemCode, status: number | null): Script => ({ problem: problem(code, "m"), attempts: attempt(status) });
const submitted = { change: "Updated", diff: [], given: { keys: [], source: [] }, sealed: {}, armState: "Succeeded", warnings: [] };
const failed = {
  ok: { status: "running", ...submitted, operationUrl: null, operationId: null, retryAfterSeconds: 1 },
  attempts: attempt(201),
};
const notAllowed: Script = { problem: problem("NotAuthorized", "m") };
const ends: readonly (readonly [what: string, scripts: Readonly<Record<string, Script>>, fences: boolean])[] = [
  ["was found as wanted", { putConnection: { ok: { status: "notNeeded", resource: {}, armState: "Succeeded" } } }, true],
  ["failed in Azure", { putConnection: failed, pollOperation: { problem: problem("OperationFailed", "m") } }, true],
  ["got no answer to its PUT", { putConnection: refused("InternalError", null), pollOperation: notAllowed }, true],
  ["was answered 408", { putConnection: refused("ServiceUnavailable", 408), pollOperation: notAllowed }, true],
  ["was answered 500", { putConnection: refused("ServiceUnavailable", 500), pollOperation: notAllowed }, true],
  ["failed in a way nobody foresaw", { putConnection: new Error("killed"), pollOperation: notAllowed }, true],
  ["was refused with 400", { putConnection: refused("RequestRefused", 400) }, false],
  ["was redirected", { putConnection: refused("RequestRefused", 307) }, false],
  ["ended before its PUT", { putConnection: { problem: problem("SecretUnusable", "m") } }, false],
  ["was invalid", { validateRequest: { problem: problem("InvalidRequest", "m") } }, false],
];
for (const [what, scripts, fences] of ends) {
  test(`a request that ${what} ${fences ? "comes before" : "says nothing about"} older ones`, async () => {
    const { world } = await endOf(freeGateway, scripts);
    assert.deepEqual(Object.keys(world.gateway.fences), fences ? ["one"] : []);
    assert.equal(world.gateway.holder, null);
  });
}

test("a request that is cancelled while it waits says nothing about older ones", async () => {
  const busy = { ...freeGateway, holder: { ...newer, connectionName: "another" } };
  const { world, data } = await endOf(busy, {}, [{ event: "cancelRequested", when: () => true }]);
  assert.deepEqual([data.outcome, world.gateway], ["Cancelled", busy]);
});

test("however many wait behind a newer request, one step wakes them, and none of them writes", () => {
  const older = Array.from({ length: 40 }, (_, index) => requestNamed(`older${index}`, { rank: index + 1, connection: "one" }));
  const newest = requestNamed("newest", { rank: 90, connection: "one" });
  const arrivals = [newest, ...older].map((input) => ({ orchestrator: provisionVpnConnection, input, plan: { operationSeconds: 10 } }));
  const { operations, claims, trace } = driveTogether(arrivals);
  assert.equal(operations.length, 1);
  assert.equal(trace.filter((line) => line.endsWith("wakeInstances")).length, 1);
  for (const { instanceId: id } of older) assert.equal(claims.get(id)?.completion?.event.data.problem?.code, "Superseded");
});
