import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ResourceManager } from "../../azure/resource-manager.ts";
import { validateRequest } from "../../functions/activities/validate-request.ts";
import { type ProblemCode, problem } from "../../shared/contract/problem.ts";
import type { ProvisioningRequest } from "../../shared/durable/request.ts";
import type { LaterClass, Settled } from "../../shared/durable/settled.ts";
import { policySchema } from "../../shared/policy.ts";
import { everyTarget } from "../support/allowed.ts";
import { sampleEvent } from "../support/sample.ts";
import { beginning, drive, type Play, type Step, verifying } from "./driven.ts";

// The orchestration alone: what it calls, in which order, and how long it waits. The rules of each
// activity have tests of their own.

const instanceId = "vpn-6fec4dfa1dcd8d54cacabf83fa04c7a71aa91596";
const operationUrl = "https://arm.example/operations/1?t=secret%2Bsignature";

function requestWith(change: Partial<ProvisioningRequest> = {}, limits: object = {}): ProvisioningRequest {
  const { target, connection } = sampleEvent().data;
  return {
    instanceId,
    requestId: "6f1c2f1e-0000-4000-8000-000000000000",
    requestSource: "/ticketing/servicenow",
    type: "vpn-connection.provision.requested.v1",
    data: JSON.stringify({ target, connection: withoutKeys(connection), ...limits }),
    ticket: '{"id":12345678901234567890}',
    fingerprints: ["k1.print"],
    sequenceNumber: "1",
    receivedAt: "2026-03-01T07:59:59.000Z",
    queue: "requests",
    replySessionId: null,
    traceparent: null,
    policy: policySchema.parse({}),
    ...change,
  };
}
function withoutKeys(value: object): object {
  return JSON.parse(JSON.stringify(value, (name, field) => (name === "sharedKey" ? undefined : field)));
}

const resource = { properties: { provisioningState: "Succeeded", future: { field: 1 } } };
const running = (more: object = {}) => ({
  ok: {
    status: "running",
    change: "Created",
    operationUrl,
    operationId: "1",
    retryAfterSeconds: 10,
    armState: "Updating",
    warnings: [],
    diff: [],
    given: { keys: [], source: [] },
    sealed: {},
    ...more,
  },
});
const polled = (done: boolean, retryAfterSeconds: number | null = null, more: object = {}) => ({
  ok: { done, armState: done ? "Succeeded" : "Updating", retryAfterSeconds, ...more },
});
const later = (reason: LaterClass, afterSeconds?: number, code: ProblemCode = "ServiceUnavailable"): Settled<never> => ({
  later: { class: reason, problem: problem(code, "the reason"), ...(afterSeconds === undefined ? {} : { afterSeconds }) },
});
const refused = (code: ProblemCode) => ({ problem: problem(code, "the reason") });

/** Nothing is read of Azure before the request is valid. */
const validate = validateRequest({
  resourceManager: {} as ResourceManager,
  preflightMode: "off",
  allowed: everyTarget,
  keys: new Map(),
  now: () => new Date(),
});

/**
 * Plays lists of answers; the last of a list is given again and again. Where a test says nothing,
 * all goes well.
 */
function plays(scripts: Readonly<Record<string, readonly (Settled<unknown> | Error)[]>>): Play {
  const well: Record<string, readonly Settled<unknown>[]> = {
    putConnection: [running()],
    pollOperation: [polled(false, 10), polled(true)],
    verifyConnection: [{ ok: resource }],
    publishCompletion: [{ ok: true }],
  };
  return verifying((name, input, nth) => {
    const script = scripts[name] ?? well[name];
    if (!script) return validate(input, () => {}, undefined as never);
    return script[Math.min(nth, script.length) - 1] as Settled<unknown> | Error;
  });
}
const told = (steps: readonly Step[]): (string | number)[] =>
  steps.flatMap((step): (string | number)[] => (step.does === "call" ? [step.name] : step.does === "wait" ? [step.seconds] : []));
/** What happened until the answer was out. */
const untilAnswered = (steps: readonly Step[]) =>
  steps.slice(0, steps.findLastIndex((step) => step.does === "call" && step.name === "publishCompletion") + 1);

const waitsOf = (steps: readonly Step[]) => steps.flatMap((step) => (step.does === "wait" ? [step.seconds] : []));
const callsOf = (steps: readonly Step[], name: string) => steps.filter((step) => step.does === "call" && step.name === name);

test("validate, put, poll after each Retry-After, verify, publish", async () => {
  const { steps, completion, statuses } = await drive(
    requestWith(),
    plays({ pollOperation: [polled(false, 20), polled(false, 30), polled(true)] }),
  );
  assert.deepEqual(told(steps), [
    "validateRequest",
    "putConnection",
    10,
    "pollOperation",
    20,
    "pollOperation",
    30,
    "pollOperation",
    "publishCompletion",
  ]);
  const { data } = completion.event;
  assert.deepEqual([data.outcome, data.change, data.problem, data.armState], ["Succeeded", "Created", null, "Succeeded"]);
  assert.deepEqual(data.resource, resource);
  assert.equal(data.timing.polls, 3);
  assert.deepEqual([data.timing.receivedAt, data.timing.startedAt], ["2026-03-01T07:59:59.000Z", new Date(beginning).toISOString()]);
  assert.equal(completion.event.id, `${instanceId}.completed`);
  assert.equal(completion.ticket, '{"id":12345678901234567890}');
  assert.deepEqual(
    statuses.map((status) => (status as { step: string }).step),
    ["begun", "validated", "leaseGranted", "submitted", "polling", "polling", "polling", "provisioned", "verified"],
  );
  const published = callsOf(steps, "publishCompletion")[0] as { input: unknown };
  assert.deepEqual(published.input, JSON.parse(JSON.stringify(completion)), "what is sent is what the history keeps");
});

test("the custom status names the request and its ticket at every step; a ticket without an id is left out", async () => {
  for (const [ticket, ticketId] of [
    ['{"system":"servicenow","id":"RITM7"}', "RITM7"],
    [null, null],
  ] as const) {
    const request = { ...requestWith(), ticket };
    const { statuses } = await drive(request, plays({}));
    assert.ok(statuses.length > 5);
    for (const status of statuses as { requestId: string; ticketId: string | null }[])
      assert.deepEqual([status.requestId, status.ticketId], [request.requestId, ticketId]);
  }
});

test("the operation URL reaches its polls byte for byte, and neither status nor event", async () => {
  const { steps, completion, statuses } = await drive(requestWith(), plays({}));
  for (const poll of callsOf(steps, "pollOperation"))
    assert.equal((poll as { input: { operationUrl: string } }).input.operationUrl, operationUrl);
  assert.ok(!JSON.stringify([completion, statuses]).includes("signature"));
});

test("where nothing is to be done, nothing is polled or read again", async () => {
  const notNeeded = { ok: { status: "notNeeded", resource, armState: "Succeeded", warnings: [] } };
  const { steps, completion } = await drive(requestWith(), plays({ putConnection: [notNeeded] }));
  assert.deepEqual(told(steps), ["validateRequest", "putConnection", "publishCompletion"]);
  const { outcome, change, resource: shown, timing } = completion.event.data;
  assert.deepEqual([outcome, change, shown, timing.submittedAt], ["Succeeded", "Unchanged", resource, null]);
});

test("a request that is not valid is rejected with every finding, and nothing is asked of Azure", async () => {
  const { steps, completion } = await drive(
    requestWith({ data: JSON.stringify({ target: {}, connection: { properties: {} }, priority: 1 }) }),
    plays({}),
  );
  assert.deepEqual(told(steps), ["validateRequest", "publishCompletion"]);
  assert.equal(completion.event.data.outcome, "Rejected");
  assert.ok((completion.event.data.problem?.details.length ?? 0) >= 5);
  assert.equal(completion.event.subject, undefined);
});

const ends: readonly (readonly [name: string, scripts: Parameters<typeof plays>[0], code: ProblemCode])[] = [
  ["a refused PUT", { putConnection: [refused("RequestRefused")] }, "RequestRefused"],
  ["a failed operation", { pollOperation: [polled(false), refused("OperationFailed")] }, "OperationFailed"],
  ["a canceled operation", { pollOperation: [refused("OperationCanceled")] }, "OperationCanceled"],
  ["a link that failed behind the operation", { verifyConnection: [refused("ProvisioningFailed")] }, "ProvisioningFailed"],
  ["an error nobody foresaw while putting", { putConnection: [new Error("TypeError: with-a-secret-in-it")] }, "InternalError"],
  ["an error nobody foresaw while validating", { validateRequest: [new Error("with-a-secret-in-it")] }, "InternalError"],
  ["an error nobody foresaw while verifying", { verifyConnection: [new Error("with-a-secret-in-it")] }, "InternalError"],
];
for (const [name, scripts, code] of ends) {
  test(`${name} is told once, as Failed ${code}`, async () => {
    const { steps, completion } = await drive(requestWith(), plays(scripts));
    assert.equal(callsOf(steps, "publishCompletion").length, 1);
    assert.deepEqual([completion.event.data.outcome, completion.event.data.problem?.code], ["Failed", code]);
    assert.ok(!JSON.stringify(completion).includes("with-a-secret-in-it"), "a message nobody wrote may quote anything");
    assert.equal(completion.event.data.resource, null);
  });
}

test("an operation that Azure forgot is resolved by reading the resource, never by a second PUT", async () => {
  const { steps, completion } = await drive(
    requestWith(),
    plays({
      pollOperation: [polled(false, 10, { forgotten: true }), polled(false, 10, { forgotten: true }), polled(false, 7), polled(true)],
    }),
  );
  const urls = callsOf(steps, "pollOperation").map((poll) => (poll as { input: { operationUrl: string | null } }).input.operationUrl);
  assert.deepEqual(urls, [operationUrl, operationUrl, null, null]);
  assert.equal(callsOf(steps, "putConnection").length, 1);
  assert.equal(completion.event.data.outcome, "Succeeded");
});

test("one 404 of an operation proves nothing: it is polled again", async () => {
  const pollOperation = [polled(false, 10, { forgotten: true }), polled(false, 7), polled(false, 7, { forgotten: true }), polled(true)];
  const { steps } = await drive(requestWith(), plays({ pollOperation }));
  const urls = callsOf(steps, "pollOperation").map((poll) => (poll as { input: { operationUrl: string | null } }).input.operationUrl);
  assert.deepEqual(urls, Array(4).fill(operationUrl));
});

test("a lost answer to the PUT: the next try is told what was there before", async () => {
  const carried = { existed: false, etag: "" };
  const lost = { ...later("transient"), attempts: [attempt("get", 404), attempt("put", null)] };
  const unread = { ...later("transient"), attempts: [attempt("get", 503)] };
  const adopted = { ...running({ operationUrl: null, operationId: null }), attempts: [attempt("get", 200)] };
  const { completion, steps } = await drive(
    requestWith(),
    plays({
      putConnection: [
        { ...lost, later: { ...(lost as unknown as { later: object }).later, carried } } as unknown as Settled<never>,
        unread,
        adopted,
      ],
    }),
  );
  assert.equal(completion.event.data.change, "Created");
  assert.deepEqual(
    callsOf(steps, "putConnection")
      .map((call) => (call as unknown as { input: { attempt: number; before?: unknown } }).input)
      .map(({ attempt: nth, before: told }) => [nth, told]),
    [
      [1, undefined],
      [2, carried],
      [3, carried],
    ],
  );
  assert.deepEqual(
    completion.event.data.arm.attempts.map(({ action, status }) => [action, status]),
    [
      ["get", 404],
      ["put", null],
      ["get", 503],
      ["get", 200],
    ],
  );
});
function attempt(action: "get" | "put", status: number | null) {
  return { action, clientRequestId: "id", status, code: null, retryAfterSeconds: null };
}

test("without a hint the first wait is 5 s, then a tenth of the time waited, 15 minutes at most", async () => {
  const { steps } = await drive(
    requestWith({}, { deadlineMinutes: 1440 }),
    plays({ putConnection: [running({ retryAfterSeconds: null })], pollOperation: [...Array(200).fill(polled(false)), polled(true)] }),
  );
  const waits = waitsOf(untilAnswered(steps));
  let waited = 0;
  for (const [index, seconds] of waits.entries()) {
    const least = Math.max(5, Math.min(waited / 10, 900));
    if (index < waits.length - 1)
      assert.ok(seconds > least - 0.5 && seconds < least * 1.1 + 0.5, `wait ${index}: ${seconds} s after ${waited} s`);
    waited += seconds + 0.01;
  }
  assert.ok(waits.length < 160, `a day fits into ${waits.length} polls`);
});

test("Retry-After is never cut, not by the longest wait of our own either", async () => {
  const { steps } = await drive(
    requestWith({}, { deadlineMinutes: 1440 }),
    plays({ putConnection: [running({ retryAfterSeconds: 3600 })], pollOperation: [polled(true)] }),
  );
  assert.deepEqual(waitsOf(steps), [3600]);
});

test("at the deadline the event is honest: Azure is still working", async () => {
  const { completion, answeredAt: time } = await drive(
    requestWith({}, { deadlineMinutes: 5 }),
    plays({ pollOperation: [polled(false, 60)] }),
  );
  const { outcome, problem: because, armState } = completion.event.data;
  assert.deepEqual([outcome, because?.code, because?.actor, armState], ["Failed", "OperationDeadlineExceeded", "operator", "Updating"]);
  assert.ok(time - beginning >= 300_000 && time - beginning < 302_000, `ended after ${time - beginning} ms`);
});

const budgets: readonly (readonly [name: string, scripts: Parameters<typeof plays>[0], code: ProblemCode, atMostSeconds: number])[] = [
  ["a service that is away", { putConnection: [later("transient")] }, "ServiceUnavailable", 900],
  ["a poll that never answers", { pollOperation: [later("transient")] }, "ServiceUnavailable", 930],
  ["a gateway that stays busy", { putConnection: [later("busy", undefined, "GatewayBusy")] }, "GatewayBusy", 3600],
  ["a gateway that asks for ever more patience", { putConnection: [later("busy", 1800, "GatewayBusy")] }, "GatewayBusy", 3600],
];
for (const [name, scripts, code, atMostSeconds] of budgets) {
  test(`${name} is given up within ${atMostSeconds} s`, async () => {
    // A deadline later than every budget, so that the budget decides.
    const { completion, answeredAt: time } = await drive(
      requestWith({ policy: policySchema.parse({ deadlineMinutes: 1440 }) }),
      plays(scripts),
    );
    assert.deepEqual([completion.event.data.outcome, completion.event.data.problem?.code], ["Failed", code]);
    assert.ok((time - beginning) / 1000 <= atMostSeconds + 60, `${(time - beginning) / 1000} s`);
  });
}

test("a budget is for one step: what an earlier one used up is not missing", async () => {
  const away = Array(10).fill(later("transient", 80));
  const { completion } = await drive(
    requestWith(),
    plays({ putConnection: [...away, running()], pollOperation: [...away, polled(true)], verifyConnection: [...away, { ok: resource }] }),
  );
  assert.equal(completion.event.data.outcome, "Succeeded");
});

test("budgets come from the policy of the request", async () => {
  const policy = policySchema.parse({ budgets: { transient: { seconds: 60 } } });
  const { time } = await drive(requestWith({ policy }), plays({ putConnection: [later("transient", 50)] }));
  assert.ok(time - beginning < 60_000);
});

test("an answer waits for the broker for as long as it takes: twenty days and more", async () => {
  const { steps, completion, time } = await drive(
    requestWith(),
    plays({ publishCompletion: [...Array(400).fill(later("broker", 5000)), { ok: true }] }),
  );
  assert.equal(completion.event.data.outcome, "Succeeded");
  assert.equal(callsOf(steps, "publishCompletion").length, 401);
  assert.equal(new Set(callsOf(steps, "publishCompletion").map((call) => JSON.stringify(call))).size, 1, "each try sends the same bytes");
  assert.ok(time - beginning > 20 * 86_400_000);
});

test("a broker that is away costs about a hundred tries on the first day, and less than seventy on each day after", async () => {
  const { steps } = await drive(requestWith(), plays({ publishCompletion: [...Array(400).fill(later("broker")), { ok: true }] }));
  let day = 0;
  let time = 0;
  const tries: number[] = [];
  for (const step of steps) {
    if (step.does === "wait") time += step.seconds;
    day = Math.floor(time / 86_400);
    if (step.does === "call" && step.name === "publishCompletion") tries[day] = (tries[day] ?? 0) + 1;
  }
  assert.ok((tries[0] ?? 0) <= 130 && tries.slice(1).every((count) => count < 70), tries.join());
  const waits = waitsOf(steps).slice(-300);
  assert.ok(Math.max(...waits) <= 1_800 && Math.min(...waits) >= 900);
});

test("two instances that failed together do not come back together", async () => {
  const waits = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => {
      const { steps } = await drive(
        requestWith({ instanceId: `vpn-${String(n).padStart(40, "0")}` }),
        plays({ putConnection: [...Array(6).fill(later("transient")), running()] }),
      );
      return waitsOf(steps).slice(0, 6).join();
    }),
  );
  assert.ok(new Set(waits).size >= 19);
});

test("whatever the activities answer: one answer, in bounded time, and no wait shorter than it was told", async () => {
  const hint = fc.option(fc.integer({ min: 0, max: 4000 }), { nil: null });
  const laterAny = fc
    .record({ reason: fc.constantFrom<LaterClass>("transient", "busy"), hint })
    .map(({ reason, hint: seconds }) => later(reason, seconds ?? undefined));
  const end = fc.constantFrom<ProblemCode>("RequestRefused", "OperationFailed", "NotAuthorized").map(refused);
  const failure = fc.constant(new Error("boom"));
  const runs = fc.record({
    put: fc.array(laterAny, { maxLength: 4 }),
    submitted: fc.oneof({ weight: 6, arbitrary: hint.map((retryAfterSeconds) => running({ retryAfterSeconds })) }, end, failure),
    polls: fc.array(
      fc.oneof({ weight: 5, arbitrary: hint.map((seconds) => polled(false, seconds)) }, { weight: 2, arbitrary: laterAny }, end, failure),
      { maxLength: 25 },
    ),
    verify: fc.array(laterAny, { maxLength: 3 }),
    publish: fc.nat(5),
  });
  await fc.assert(
    fc.asyncProperty(runs, async ({ put, submitted, polls, verify, publish }) => {
      const {
        steps,
        completion,
        answeredAt: time,
        world,
      } = await drive(
        requestWith(),
        plays({
          putConnection: [...put, submitted],
          pollOperation: [...polls, polled(true)],
          verifyConnection: [...verify, { ok: resource }],
          publishCompletion: [...Array(publish).fill(later("broker")), { ok: true }],
        }),
      );
      assert.ok(world.claims.get(instanceId)?.sent);
      assert.equal(world.gateway.holder, null, "the gateway is free again");
      assert.ok(["Succeeded", "Failed"].includes(completion.event.data.outcome));
      assert.equal(completion.event.data.outcome === "Succeeded", completion.event.data.problem === null);
      // The deadline bounds the change, and the broker was away for 300 s five times at most.
      assert.ok((time - beginning) / 1000 < 3600 + 5 * 301 + 5);
      assert.ok(callsOf(steps, "putConnection").length <= put.length + 1, "no second PUT after one was taken");
      assertWaitsHonoured(untilAnswered(steps), [...put, submitted], polls);
    }),
    { numRuns: 300 },
  );
});

/**
 * Between two calls of one activity lies at least the wait that the first was told, unless the
 * request ended first.
 */
function assertWaitsHonoured(
  steps: readonly Step[],
  puts: readonly (Settled<unknown> | Error)[],
  polls: readonly (Settled<unknown> | Error)[],
): void {
  const answers = { putConnection: [...puts], pollOperation: [...polls] };
  let asked = 0;
  for (const step of steps) {
    if (step.does === "wait") {
      asked -= step.seconds;
    }
    if (step.does !== "call") continue;
    if (step.name === "putConnection" || step.name === "pollOperation") assert.ok(asked <= 0.001, `${step.name} came ${asked} s early`);
    const settled = answers[step.name as keyof typeof answers]?.shift();
    asked = 0;
    if (settled && "ok" in settled) asked = (settled.ok as { retryAfterSeconds: number | null }).retryAfterSeconds ?? 5;
    if (settled && "later" in settled) asked = settled.later.afterSeconds ?? 1;
  }
}
