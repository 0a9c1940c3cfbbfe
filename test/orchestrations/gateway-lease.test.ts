import assert from "node:assert/strict";
import { test } from "node:test";
import { provisionVpnConnection } from "../../orchestrations/provision-vpn-connection.ts";
import { type ProblemCode, problem } from "../../shared/contract/problem.ts";
import { noClaim } from "../../shared/durable/claim.ts";
import { freeGateway, type Gateway, gatewayOperations } from "../../shared/durable/gateway.ts";
import { dataOf } from "../../shared/durable/request.ts";
import type { Settled } from "../../shared/durable/settled.ts";
import { grantEventOf, rowOf, type Waiter, waiterOf } from "../../shared/durable/waiting.ts";
import { drive, emptyWorld, type Play, type Step, verifying, type World } from "./driven.ts";
import { driveTogether } from "./driven-together.ts";
import { beginning } from "./replayed.ts";
import { requestNamed } from "./requests.ts";

// The lease of a gateway as one orchestration lives with it: the others are played, or driven
// beside it.

const request = requestNamed("ours");
const { instanceId } = request;
const other = (name: string, rank = 0): Waiter => ({
  instanceId: `vpn-${name}`,
  queue: "requests",
  enqueuedAt: new Date(beginning - 3_600_000 + rank * 1000).toISOString(),
  sequenceNumber: String(rank),
  connectionName: `connection-${name}`,
  look: rank + 7,
});
const now = new Date(beginning).toISOString();
/** The first request gives the gateway up. */
const released = (gateway: Gateway): Gateway =>
  gatewayOperations.release(gateway, { instanceId: "vpn-first", unsettled: [], changedBy: null, keys: "same", now });
const busy: Gateway = { ...freeGateway, holder: other("first") };
const withoutFences = (gateway: Gateway): Gateway => ({ ...gateway, fences: {} });
const worldWith = (gateway: Gateway, raises: World["raises"] = []): World => ({ ...emptyWorld(), gateway, raises: [...raises] });

const submitted = { change: "Created", diff: [], given: { keys: [], source: [] }, sealed: {}, armState: "Updating", warnings: [] };
const running = { status: "running", ...submitted, operationUrl: "https://arm.example/1", operationId: "1", retryAfterSeconds: 10 };
const polled = (done: boolean, retryAfterSeconds: number | null = null) => ({
  ok: { done, armState: done ? "Succeeded" : "Updating", retryAfterSeconds },
});
const refused = (code: ProblemCode) => ({ problem: problem(code, "the reason") });

/**
 * Plays lists of answers; the last of a list is given again and again. Where a test says nothing,
 * all goes well and everybody is alive.
 */
function plays(scripts: Readonly<Record<string, readonly (Settled<unknown> | Error)[]>> = {}, limits: object = {}): Play {
  const { target } = dataOf(request) as { target: object };
  const well: Record<string, readonly (Settled<unknown> | Error)[]> = {
    validateRequest: [{ ok: { connection: { instanceId, target, sealed: {} }, desired: {}, warnings: [], ...limits } }],
    inspectInstance: [{ ok: { alive: true } }],
    putConnection: [{ ok: running }],
    pollOperation: [polled(true)],
    verifyConnection: [{ ok: { properties: { provisioningState: "Succeeded" } } }],
    publishCompletion: [{ ok: true }],
    ...scripts,
  };
  return verifying((name, _input, nth) => {
    const script = well[name] ?? [];
    return script[Math.min(nth, script.length) - 1] as Settled<unknown> | Error;
  });
}
const calls = (steps: readonly Step[]) => steps.flatMap((step) => (step.does === "call" ? [step.name] : []));
const inputsOf = (steps: readonly Step[], name: string) =>
  steps.flatMap((step) => (step.does === "call" && step.name === name ? [step.input as Record<string, unknown>] : []));
/** What wakes a waiter. */
const woken = ({ instanceId: id, look }: Waiter) => ({ instanceId: id, event: grantEventOf(look) });
const placeOf = (steps: readonly Step[], wanted: string) =>
  steps.findLastIndex((step) => (step.does === "call" && step.name === wanted) || (step.does === "ask" && step.operation === wanted));
const stepsOf = (statuses: readonly unknown[]) => statuses.map((status) => (status as { step: string }).step);
/** Raised once the time has come, while the orchestration waits. */
const after = (seconds: number, event: string) => ({ event, when: (time: number) => time >= beginning + seconds * 1000 });

test("the place in the queue stands in the custom status, and the lease goes round in order of arrival", () => {
  const arrivals = [3, 2, 1].map((rank) => ({ orchestrator: provisionVpnConnection, input: requestNamed(`rank${rank}`, { rank }) }));
  const { instances, operations } = driveTogether(arrivals);
  const statuses = arrivals.map(({ input }) => instances.get(input.instanceId)?.run.statuses ?? []);
  const positions = statuses.map((shown) => shown.flatMap((status) => (status as { position?: number }).position ?? []));
  assert.deepEqual(positions, [[], [1, 2], [1]], "whoever came first has it; the last to come is next, because the broker had it first");
  const ids = [3, 1, 2].map((rank) => requestNamed(`rank${rank}`).instanceId);
  assert.deepEqual(
    operations.map((operation) => operation.instanceId),
    ids,
  );
});

test("requests for different gateways do not wait for each other", () => {
  const arrivals = ["gateway1", "gateway2", "gateway3"].map((gateway) => ({
    orchestrator: provisionVpnConnection,
    input: requestNamed(gateway, { gateway }),
    plan: { operationSeconds: 600 },
  }));
  const { instances, operations } = driveTogether(arrivals);
  assert.ok(Math.max(...operations.map(({ from }) => from)) < Math.min(...operations.map(({ to }) => to)), "all at the same time");
  for (const { run } of instances.values()) assert.ok(!stepsOf(run.statuses).includes("waiting"));
});

test("without a word it asks again: after 30 s, then twice as long each time, 5 minutes at most, each wait off by a fifth at most", async () => {
  const { steps, completion, world } = await drive(request, plays({}, { queueDeadlineMinutes: 60 }), { world: worldWith(busy) });
  const waits = steps.flatMap((step) => (step.does === "wait" ? [step.seconds] : []));
  const expected = [30, 60, 120, 240, ...Array(waits.length).fill(300)];
  for (const [index, seconds] of waits.slice(0, -1).entries()) {
    const ratio = seconds / Number(expected[index]);
    assert.ok(ratio >= 0.8 && ratio < 1.2, `wait ${index}: ${seconds} s`);
  }
  assert.ok(new Set(waits.slice(4, -1)).size > 1, "they differ");
  const { outcome, problem: because, armState, timing } = completion.event.data;
  assert.deepEqual(
    [outcome, because?.code, because?.retryable, armState, timing.leaseGrantedAt],
    ["Failed", "QueueDeadlineExceeded", true, null, null],
  );
  const waited = waits.reduce((sum, seconds) => sum + seconds, 0);
  assert.ok(waited > 3599 && waited <= 3600, `given up after ${waited} s`);
  assert.deepEqual(withoutFences(world.gateway), busy, "it left the queue");
  assert.ok(!calls(steps).includes("putConnection"));
});

test("seven days in the queue: after the first day looks are at most 30 minutes apart, and the history stays short", async () => {
  const { steps, completion } = await drive(request, plays({}, { queueDeadlineMinutes: 10_080 }), { world: worldWith(busy), proven: 0 });
  assert.equal(completion.event.data.problem?.code, "QueueDeadlineExceeded");
  let waited = 0;
  for (const step of steps) {
    if (step.does !== "wait") continue;
    waited += step.seconds;
    assert.ok(step.seconds <= 1_800, `${step.seconds} s`);
    if (waited < 2 * 3_600) assert.ok(step.seconds <= 360, `${step.seconds} s after ${waited} s`);
  }
  assert.ok(waited > 604_790 && waited <= 604_800, `given up after ${waited} s`);
  assert.ok(steps.length <= 1_500, `${steps.length} timers, calls and asked entities`);
});

test("a word wakes at once, however far apart the looks are", async () => {
  const { completion } = await drive(request, plays({}, { queueDeadlineMinutes: 10_080 }), { world: wordAfter(5 * 86_400), proven: 0 });
  const { outcome, timing } = completion.event.data;
  assert.equal(outcome, "Succeeded");
  const granted = (Date.parse(String(timing.leaseGrantedAt)) - beginning) / 1000;
  assert.ok(granted >= 5 * 86_400 && granted < 5 * 86_400 + 2, `${granted} s`);
});
/** The holder gives the lease up after a time, and raises the event that its next one waits for. */
function wordAfter(seconds: number): World {
  const world = worldWith(busy);
  const raise = {
    get event() {
      return grantEventOf(waiterOf(world.gateway.waiting[0] ?? rowOf(world.gateway.holder as Waiter)).look);
    },
    when(time: number) {
      if (time < beginning + seconds * 1000) return false;
      world.gateway = released(world.gateway);
      return true;
    },
  };
  world.raises.push(raise);
  return world;
}

test("a suspended holder is named in the custom status of whoever waits for it, until it goes on", async () => {
  const inspected = [{ ok: { alive: true } }, ...Array(2).fill({ ok: { alive: true, suspended: true } }), { ok: { alive: true } }];
  const { statuses } = await drive(request, plays({ inspectInstance: inspected }, { queueDeadlineMinutes: 10 }), {
    world: worldWith(busy),
  });
  const shown = statuses.flatMap((status) => {
    const { step, suspendedHolder } = status as { step: string; suspendedHolder?: string };
    return step === "waiting" ? [suspendedHolder] : [];
  });
  assert.deepEqual(shown.slice(0, 5), [undefined, undefined, "vpn-first", "vpn-first", undefined]);
});

test("a cancellation ends the wait: the queue is left, and nothing was begun in Azure", async () => {
  const world = worldWith(busy, [after(100, "cancelRequested")]);
  const { steps, completion } = await drive(request, plays(), { world });
  const { outcome, problem: because, armState, resource } = completion.event.data;
  assert.deepEqual([outcome, because?.code, armState, resource], ["Cancelled", "RequestCancelled", null, null]);
  assert.equal(because?.message, "The request was cancelled while it waited for its gateway. Nothing was changed in Azure.");
  assert.deepEqual(withoutFences(world.gateway), busy);
  assert.ok(!calls(steps).includes("putConnection"));
});

test("the lease keeps of a request what its order needs, and nothing else of it", async () => {
  const world = worldWith(busy);
  let kept: Waiter | undefined;
  const look = (_: number, { gateway }: World) => {
    kept = waiterOf(gateway.waiting[0] ?? "");
    return true;
  };
  world.raises.push({ event: "cancelRequested", when: look });
  await drive(request, plays(), { world });
  const { receivedAt: enqueuedAt, sequenceNumber } = request;
  assert.deepEqual(kept, { instanceId, queue: "requests", enqueuedAt, sequenceNumber, connectionName: "ours", look: 1 });
});

test("a cancellation that was there before the request: not one call goes to Azure", async () => {
  const world = worldWith(freeGateway);
  world.claims.set(instanceId, { ...noClaim, cancelled: true });
  const { steps, completion, statuses } = await drive(request, plays(), { world });
  assert.deepEqual(stepsOf(statuses), ["answering"]);
  assert.deepEqual(calls(steps), ["publishCompletion"]);
  const { outcome, armState, arm } = completion.event.data;
  assert.deepEqual([outcome, armState, arm.attempts], ["Cancelled", null, []]);
});

test("a grant whose event was lost is found by asking again", async () => {
  const world = worldWith(busy);
  const grant = (time: number, { gateway }: World) => {
    if (time >= beginning + 10_000 && gateway.holder?.instanceId === "vpn-first") world.gateway = released(gateway);
    return false;
  };
  world.raises.push({ event: "leaseGranted.1", when: grant });
  const { completion } = await drive(request, plays(), { world });
  const { outcome, timing } = completion.event.data;
  assert.equal(outcome, "Succeeded");
  assert.ok(Date.parse(String(timing.leaseGrantedAt)) - beginning < 37_000);
});

test("a store that cannot say how the holder is does not end the wait: the next look finds the holder dead", async () => {
  const world = worldWith(busy);
  const looks = [new Error("the store is away"), { ok: { alive: false } }];
  const settled = [{ ok: { settled: true, retryAfterSeconds: null } }];
  const { completion, steps } = await drive(request, plays({ inspectInstance: looks, readConnectionState: settled }), { world });
  assert.equal(completion.event.data.outcome, "Succeeded");
  assert.equal(inputsOf(steps, "inspectInstance").length, 3);
});

test("on release the next one is woken by the event it waits for; whoever turns out to be gone is passed", async () => {
  const [dead, gone, alive] = [other("dead", 1), other("gone", 2), other("alive", 3)];
  const world = worldWith({
    ...freeGateway,
    holder: { ...other("x"), instanceId },
    waiting: [dead, gone, alive].map(rowOf),
    unsettled: [],
  });
  const lives = [false, false, false, false, true].map((isAlive) => ({ ok: { alive: isAlive } }));
  const { steps } = await drive(request, plays({ inspectInstance: lives }), { world });
  assert.deepEqual(inputsOf(steps, "inspectInstance"), [dead, dead, gone, gone, alive].map(woken));
  const waits = steps.slice(placeOf(steps, "release") + 1).flatMap((step) => (step.does === "wait" ? [step.seconds] : []));
  assert.deepEqual(waits, [5, 5], "between the two looks at each of them");
  assert.deepEqual(withoutFences(world.gateway), { ...freeGateway, holder: alive, unsettled: [dead.connectionName, gone.connectionName] });
});

test("an eviction on release wakes those who leave the queue for the evicted request, too", async () => {
  const dead = { ...other("dead", 1), sequenceNumber: "5" };
  // Its number tells that it is the older one, whatever the clock of the queue said.
  const older = { ...other("older", 2), connectionName: dead.connectionName };
  const world = worldWith({ ...freeGateway, holder: { ...other("x"), instanceId }, waiting: [dead, older].map(rowOf) });
  const lives = [false, false, true].map((isAlive) => ({ ok: { alive: isAlive } }));
  const { steps } = await drive(request, plays({ inspectInstance: lives }), { world });
  assert.deepEqual(inputsOf(steps, "inspectInstance"), [dead, dead].map(woken));
  assert.deepEqual(inputsOf(steps, "wakeInstances"), [{ instances: [woken(older)] }]);
  assert.deepEqual([world.gateway.holder, world.gateway.waiting], [null, []]);
});

test("a cancellation between two looks at the holder ends the wait", async () => {
  let looks = 0;
  const world = worldWith(busy, [{ event: "cancelRequested", when: () => looks === 1 }]);
  const play = plays({ inspectInstance: [{ ok: { alive: false } }] });
  const looking: Play = (name, ...more) => {
    if (name === "inspectInstance") looks++;
    return play(name, ...more);
  };
  const { completion } = await drive(request, looking, { world });
  const { problem: because, timing } = completion.event.data;
  assert.deepEqual([because?.code, timing.leaseGrantedAt], ["RequestCancelled", null]);
});

test("one look that shows no instance puts nobody out: the next one some seconds later shows it", async () => {
  const world = worldWith(busy);
  const looks = [false, true].map((isAlive) => ({ ok: { alive: isAlive } }));
  const { steps, completion } = await drive(request, plays({ inspectInstance: looks }, { queueDeadlineMinutes: 10 }), { world });
  assert.equal(completion.event.data.problem?.code, "QueueDeadlineExceeded");
  assert.ok(!steps.some((step) => step.does === "ask" && step.operation === "evict"));

  const next = other("next");
  const held = worldWith({ ...freeGateway, holder: { ...other("x"), instanceId }, waiting: [rowOf(next)] });
  await drive(request, plays({ inspectInstance: looks }), { world: held });
  assert.deepEqual(held.gateway.holder, next);
});

test("whoever gives up while the lease is its own without its knowing hands on what is unsettled, and wakes the next", async () => {
  const next = other("next", 9_999);
  const world = worldWith(busy);
  const evicted = (time: number, { gateway }: World) => {
    if (time < beginning + 10_000) return false;
    // Somebody else has found the holder dead; the word of the grant is still on its way when the
    // cancellation comes.
    world.gateway = gatewayOperations.acquire(gatewayOperations.evict(gateway, { gone: "vpn-first", now }), { waiter: next });
    return true;
  };
  world.raises.push({ event: "cancelRequested", when: evicted });
  const { steps, completion } = await drive(request, plays(), { world });
  assert.equal(completion.event.data.outcome, "Cancelled");
  assert.deepEqual(withoutFences(world.gateway), { ...freeGateway, holder: next, unsettled: ["connection-first"] });
  assert.deepEqual(inputsOf(steps, "inspectInstance"), [woken(next)]);
});

test("after an eviction nothing is written before the evicted holder's connection has settled", async () => {
  const world = worldWith(busy);
  const states = [false, false, true].map((settled) => ({ ok: { settled, retryAfterSeconds: settled ? null : 40 } }));
  const scripts = { inspectInstance: [{ ok: { alive: false } }], readConnectionState: states };
  const { steps, statuses, completion } = await drive(request, plays(scripts), { world });
  assert.deepEqual(
    inputsOf(steps, "readConnectionState").map(({ target }) => (target as { connectionName: string }).connectionName),
    Array(3).fill("connection-first"),
  );
  assert.ok(placeOf(steps, "readConnectionState") < placeOf(steps, "putConnection"));
  assert.deepEqual(stepsOf(statuses).slice(0, 5), ["begun", "validated", "waiting", "settling", "settling"]);
  assert.equal((statuses[3] as { connection: string }).connection, "connection-first");
  assert.equal(completion.event.data.outcome, "Succeeded");
  assert.deepEqual(withoutFences(world.gateway), freeGateway);
});

test("an evicted holder's connection that never settles: the waits grow, the deadline for waiting holds, and the next one is told too", async () => {
  const world = worldWith({ ...freeGateway, unsettled: ["connection-first"] });
  const never = { readConnectionState: [{ ok: { settled: false, retryAfterSeconds: null } }] };
  const { steps, completion } = await drive(request, plays(never), { world });
  assert.equal(completion.event.data.problem?.code, "QueueDeadlineExceeded");
  assert.deepEqual(withoutFences(world.gateway), { ...freeGateway, unsettled: ["connection-first"] });
  assert.ok(calls(steps).length < 400, `${calls(steps).length} reads in a day`);
});

/**
 * What holds for every answer that comes before Azure has finished: it says so, it is out at once,
 * and the lease is kept to the end.
 */
async function keepsTheLease(scripts: Parameters<typeof plays>[0], raises: World["raises"], limits: object, code: ProblemCode) {
  const world = worldWith(freeGateway, raises);
  const driven = await drive(request, plays(scripts, limits), { world });
  const { steps, completion } = driven;
  const { problem: because } = completion.event.data;
  assert.equal(because?.code, code);
  assert.match(String(because?.message), /Azure may still be working on the change/);
  assert.ok(placeOf(steps, "publishCompletion") < placeOf(steps, "pollOperation"), "it polls on after the answer");
  assert.ok(placeOf(steps, "pollOperation") < placeOf(steps, "release"), "the lease is given up when that is over");
  assert.equal(calls(steps).filter((name) => name === "publishCompletion").length, 1);
  assert.equal(calls(steps).filter((name) => name === "putConnection").length, 1);
  return { ...driven, data: completion.event.data };
}
const slowly = (polls: number) => ({ pollOperation: [...Array(polls).fill(polled(false, 60)), polled(true)] });

test("the deadline passes while Azure is working: the answer is out at once, the lease is kept until Azure has finished", async () => {
  const { data, world, answeredAt, time } = await keepsTheLease(slowly(20), [], { deadlineMinutes: 5 }, "OperationDeadlineExceeded");
  assert.deepEqual([data.outcome, data.armState], ["Failed", "Updating"]);
  assert.ok(answeredAt - beginning >= 300_000 && answeredAt - beginning < 302_000);
  assert.ok(time - beginning > 20 * 60_000);
  assert.deepEqual(withoutFences(world.gateway), freeGateway);
});

test("a cancellation while Azure is working: likewise", async () => {
  const { data, world, answeredAt } = await keepsTheLease(slowly(20), [after(100, "cancelRequested")], {}, "RequestCancelled");
  assert.deepEqual([data.outcome, data.armState], ["Cancelled", "Updating"]);
  const said = "The request was cancelled. Azure may still be working on the change, which may still succeed or fail.";
  assert.equal(data.problem?.message, said);
  assert.ok(answeredAt - beginning < 102_000);
  assert.deepEqual(withoutFences(world.gateway), freeGateway);
});

test("an operation without an end: after six hours the connection is handed on as unsettled", async () => {
  const { world, answeredAt, time } = await keepsTheLease(
    { pollOperation: [polled(false, 60)] },
    [],
    { deadlineMinutes: 5 },
    "OperationDeadlineExceeded",
  );
  assert.ok(Math.abs(time - answeredAt - 6 * 3_600_000) < 10_000, `${(time - answeredAt) / 3_600_000} h`);
  assert.deepEqual(withoutFences(world.gateway), { ...freeGateway, unsettled: ["ours"] });
});

test("a poll that is refused tells nothing about the change: the connection is handed on as unsettled", async () => {
  const { data, world } = await keepsTheLease({ pollOperation: [refused("NotAuthorized")] }, [], {}, "NotAuthorized");
  assert.deepEqual([data.outcome, data.armState], ["Failed", "Updating"]);
  assert.deepEqual(withoutFences(world.gateway), { ...freeGateway, unsettled: ["ours"] });
});

test("a failure nobody foresaw while putting may have come after the PUT: the lease is kept until the connection was read", async () => {
  const scripts = { putConnection: [new Error("killed")], pollOperation: [polled(false), polled(true)] };
  const { steps, world } = await keepsTheLease(scripts, [], {}, "InternalError");
  assert.deepEqual(
    inputsOf(steps, "pollOperation").map(({ operationUrl }) => operationUrl),
    [null, null],
  );
  assert.deepEqual(withoutFences(world.gateway), freeGateway);
});

const lastWords = [
  ["OperationFailed", "Failed"],
  ["OperationCanceled", "Canceled"],
  ["ProvisioningFailed", "Failed"],
  ["ResourceVanished", null],
] as const;
for (const [code, armState] of lastWords) {
  test(`${code} is Azure's last word: nothing is said to go on, and the lease is given up before the answer`, async () => {
    const world = worldWith(freeGateway);
    const { steps, completion } = await drive(request, plays({ pollOperation: [refused(code)] }), { world });
    const { data } = completion.event;
    assert.doesNotMatch(String(data.problem?.message), /may still/);
    assert.deepEqual([data.problem?.code, data.armState], [code, armState]);
    assert.ok(placeOf(steps, "release") < placeOf(steps, "publishCompletion"));
    assert.deepEqual(withoutFences(world.gateway), freeGateway);
  });
}

test("a broker that is away for days keeps nobody from the gateway: the change ends, the lease is given back, and the answers come later", () => {
  const [late, next] = [requestNamed("late", { rank: 1, deadlineMinutes: 5 }), requestNamed("next", { rank: 2 })];
  const brokerBackAt = beginning + 3 * 86_400_000;
  const { operations, published, instances, time } = driveTogether(
    [
      { orchestrator: provisionVpnConnection, input: late, plan: { operationSeconds: 1_200 } },
      { orchestrator: provisionVpnConnection, input: next },
    ],
    [],
    { brokerBackAt },
  );
  assert.deepEqual(
    operations.map((operation) => operation.instanceId),
    [late.instanceId, next.instanceId],
  );
  const [first, second] = operations;
  assert.ok(
    (first?.to ?? 0) <= (second?.from ?? 0) && (second?.from ?? 0) < beginning + 3_600_000,
    "the next one does not wait for the broker",
  );
  for (const { instanceId } of [late, next]) assert.equal(published.get(`${instanceId}.completed`)?.size, 1);
  assert.equal(instances.get(`${late.instanceId}.answer`)?.status, "completed");
  assert.ok(time >= brokerBackAt && time < brokerBackAt + 1_900_000, "at the next try");
});

test("an answer that cannot be handed over is published when the change has ended and the lease is given back", async () => {
  const world = worldWith(freeGateway, [after(100, "cancelRequested")]);
  const { steps, completion } = await drive(request, plays(slowly(5)), { world, handOverFails: true });
  assert.equal(completion.event.data.outcome, "Cancelled");
  assert.ok(placeOf(steps, "pollOperation") < placeOf(steps, "release") && placeOf(steps, "release") < placeOf(steps, "publishCompletion"));
  assert.deepEqual([withoutFences(world.gateway), world.claims.get(instanceId)?.sent], [freeGateway, true]);
});

test("a lease that cannot be given back holds no answer up: it is tried again, and an instance that has ended loses it", async () => {
  for (const [fails, lease] of [
    [1, freeGateway],
    [2, { ...freeGateway, holder: instanceId }],
  ] as const) {
    const world = worldWith(freeGateway);
    const { completion, output } = await drive(request, plays(), {
      world,
      failing: (operation, nth) => operation === "release" && nth <= fails,
    });
    assert.equal(completion.event.data.outcome, "Succeeded");
    assert.deepEqual(output, { eventId: `${instanceId}.completed`, outcome: "Succeeded" });
    assert.ok(world.claims.get(instanceId)?.sent);
    assert.deepEqual({ ...withoutFences(world.gateway), holder: world.gateway.holder?.instanceId ?? null }, lease);
  }
});
