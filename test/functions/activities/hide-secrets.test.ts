import assert from "node:assert/strict";
import { test } from "node:test";
import type { InvocationContext } from "@azure/functions";
import type { ResourceManager } from "../../../azure/resource-manager.ts";
import { hideSecrets } from "../../../functions/activities/hide-secrets.ts";
import { publishCompletion } from "../../../functions/activities/publish-completion.ts";
import { validateRequest } from "../../../functions/activities/validate-request.ts";
import { readTriggerMessage } from "../../../functions/intake/request-message.ts";
import type { Completion } from "../../../shared/contract/completion.ts";
import { composeCompletion } from "../../../shared/contract/compose.ts";
import { problem } from "../../../shared/contract/problem.ts";
import { policySchema } from "../../../shared/policy.ts";
import { collectSealed, sealSecrets } from "../../../shared/secrets/sealing.ts";
import { everyTarget } from "../../support/allowed.ts";

const keys = new Map([["k1", Buffer.alloc(32, 3)]]);
const secret = "canary-1234567890";
const sealed = collectSealed(sealSecrets({ connection: { properties: { sharedKey: secret } } }, "vpn-1", keys), []);
const logged: string[] = [];
const context = { info: (line: string) => logged.push(line) } as unknown as InvocationContext;

test("log lines and thrown errors of an activity have the request's keys removed; its answer is left as it is", async () => {
  const data = { ok: { pointer: "/connection/properties/sharedKey", change: "Created" } };
  const ring = (key: string) => collectSealed(sealSecrets({ connection: { properties: { sharedKey: key } } }, "vpn-1", keys), []);
  for (const key of [secret, "connection", "sharedKey", "Created"])
    assert.deepEqual(await hideSecrets(async () => data, keys)({ instanceId: "vpn-1", sealed: ring(key) }, context), data);

  const logs = hideSecrets(async (_input: unknown, log) => {
    const fields = { gatewayId: "/g", armState: `it is ${secret}`, [secret]: 1 };
    log("polled", fields);
    return { ok: 1 };
  }, keys);
  await logs({ instanceId: "vpn-1", sealed }, context);
  assert.deepEqual(
    logged.splice(0).map((line) => JSON.parse(line)),
    [{ step: "polled", gatewayId: "/g", armState: "[redacted]", "[redacted]": 1 }],
  );

  for (const key of [secret, "q!", "E"]) {
    const throws = hideSecrets(
      async () => Promise.reject(new TypeError(`it broke on\n    at ${key} and ${Buffer.from(key).toString("hex")}`)),
      keys,
    );
    const error = await throws({ instanceId: "vpn-1", sealed: ring(key) }, context).catch((caught: Error) => caught);
    assert.ok(error instanceof Error);
    assert.equal(error.message.split("\n")[0], "TypeError: [text removed: it contained the pre-shared key]");
    assert.match(error.message, /\n {4}at .*hide-secrets\.test/);
    assert.ok(!error.message.includes(`at ${key}`), error.message);
  }
});

test("a failure nobody foresaw stays an exception, for the host to try again", async () => {
  await assert.rejects(
    hideSecrets(async () => Promise.reject(new TypeError("x is undefined")), keys)({}, context),
    /TypeError: x is undefined/,
  );
});

function completion(more: object = {}): Completion {
  const timing = {
    receivedAt: "2026-01-01T00:00:00.000Z",
    startedAt: null,
    leaseGrantedAt: null,
    submittedAt: null,
    provisionedAt: null,
    completedAt: "2026-01-01T00:00:00.000Z",
    polls: 0,
  };
  const arm = { correlationRequestId: "c", operationId: null, attempts: [] };
  const data = {
    requestId: "r",
    requestSource: "s",
    outcome: "Failed" as const,
    change: null,
    resource: null,
    problem: problem("InternalError", "m"),
    warnings: [],
    diff: null,
    armState: null,
    arm,
    timing,
    ...more,
  };
  return composeCompletion({ id: "vpn-1.completed", target: null, traceparent: null, ticket: null, replySessionId: null, data });
}

test("a completion that the broker does not take is sent later, without an end", async () => {
  const sent: unknown[] = [];
  const outbox = { publish: async (it: Completion) => void sent.push(it), quarantine: async () => {}, resubmit: async () => {} };
  assert.deepEqual(await publishCompletion({ outbox, version: "1" })(completion(), () => {}, context), { ok: true });
  assert.equal(sent.length, 1);
  const away = {
    ...outbox,
    publish: async () => Promise.reject(Object.assign(new Error("secret address"), { code: "ServiceCommunicationProblem" })),
  };
  const settled = await publishCompletion({ outbox: away, version: "1" })(completion(), () => {}, context);
  assert.ok("later" in settled && settled.later.class === "broker");
  assert.ok(!JSON.stringify(settled).includes("secret address"));
});

test("an event stays below what a message may hold, and says what it left out", () => {
  const attempts = Array.from({ length: 5_000 }, () => ({
    at: "2026-01-01T00:00:00.000Z",
    action: "get" as const,
    status: 503,
    code: "ServerTimeout",
    retryAfterSeconds: 10,
  }));
  const findings = Array.from({ length: 5_000 }, (_, index) => ({
    code: "X",
    severity: "error" as const,
    target: `/${index}`,
    message: "ä".repeat(50),
    actor: "requester" as const,
  }));
  const huge = "ü".repeat(300_000);
  for (const more of [
    { arm: { correlationRequestId: "c", operationId: null, attempts } },
    { problem: problem("InvalidRequest", "m", { details: findings }) },
    { resource: { huge } },
    { warnings: findings.map((finding) => ({ ...finding, severity: "warning" as const })) },
  ]) {
    const { event } = completion(more);
    assert.ok(Buffer.byteLength(JSON.stringify(event)) < 210_000);
    assert.ok(event.data.warnings.some(({ code }) => code === "Truncated"));
  }
  assert.deepEqual(completion().event.data.warnings, []);
});

const request = (type: string | null, data: unknown = {}) => ({
  instanceId: "vpn-1",
  requestId: "r",
  requestSource: "s",
  type,
  data: JSON.stringify(data),
  ticket: null,
  fingerprints: ["k1.x"],
  attempt: 1,
  sequenceNumber: "1",
  receivedAt: "2026-01-01T00:00:00.000Z",
  queue: "requests",
  replySessionId: null,
  traceparent: null,
  policy: policySchema.parse({}),
});
const validate = validateRequest({
  resourceManager: {} as ResourceManager,
  preflightMode: "off",
  allowed: everyTarget,
  keys,
  now: () => new Date(),
});
test("versions: this one, a bare body, and no other", async () => {
  for (const type of ["vpn-connection.provision.requested.v1", null]) {
    const settled = await validate(request(type), () => {}, context);
    assert.ok("problem" in settled && settled.problem.code === "InvalidRequest");
  }
  const settled = await validate(request("vpn-connection.provision.requested.v2"), () => {}, context);
  assert.ok("problem" in settled && settled.problem.code === "UnsupportedVersion" && settled.problem.message.includes("requested.v1"));
});

test("what the worker made of a message id is recognised", () => {
  const received = (messageId: unknown) =>
    readTriggerMessage(Buffer.from("{}"), { triggerMetadata: { messageId } } as unknown as InvocationContext, {
      queue: "q",
      now: () => new Date(0),
    });
  for (const [given, id, exact] of [
    ["a-text", "a-text", true],
    ["007", "007", true],
    [12345, "12345", false],
    ["", "", false],
    [undefined, "", false],
    [2 ** 60, "1152921504606847000", false],
    [1000.5, "1000.5", false],
    [true, "true", false],
    [null, "", false],
  ] as const) {
    const { messageId, messageIdIsExact } = received(given);
    assert.deepEqual([messageId, messageIdIsExact], [id, exact]);
  }
});
