import assert from "node:assert/strict";
import { test } from "node:test";
import { hideSecrets } from "../../../functions/activities/hide-secrets.ts";
import { pollOperation } from "../../../functions/activities/poll-operation.ts";
import type { ArmResponse } from "../../../shared/arm/response.ts";
import {
  answer,
  body,
  connection,
  inputFor,
  keys,
  log,
  missing,
  nobody,
  own,
  reset,
  saidOf,
  scripted,
  shown,
} from "../../support/scripted-azure.ts";

// One poll, against scripted responses.

const polls: readonly (readonly [name: string, given: ArmResponse | Error, expected: unknown])[] = [
  [
    "in progress",
    answer(200, { status: "InProgress" }, { "retry-after": "20" }),
    { done: false, armState: "Updating", retryAfterSeconds: 20 },
  ],
  ["a word nobody knows", answer(200, { status: "Pondering" }), { done: false, armState: "Updating", retryAfterSeconds: null }],
  ["an empty object", answer(200, {}), { done: false, armState: "Updating", retryAfterSeconds: null }],
  ["no JSON", answer(202, "<html>"), { done: false, armState: "Updating", retryAfterSeconds: null }],
  ["an operation it forgot", answer(404), { done: false, forgotten: true, armState: "Unknown", retryAfterSeconds: null }],
  [
    "failure",
    answer(200, { status: "Failed", error: { code: "X", message: "m", details: [{ innererror: 1 }] } }),
    "problem OperationFailed",
  ],
  [
    "an operation given up for another",
    answer(200, { status: "Canceled", error: { code: "CanceledAndSupersededDueToAnotherOperation", message: "m" } }),
    { done: false, superseded: true, armState: "Unknown", retryAfterSeconds: null },
  ],
  ["a Location that is not", answer(202, "", { "retry-after": "9" }), { done: false, armState: "Updating", retryAfterSeconds: 9 }],
  ["an expired token", answer(401), "later unauthorized"],
  ["cancellation", answer(200, { status: "Canceled", error: { code: "Canceled", message: "m" } }), "problem OperationCanceled"],
  ["throttling", answer(429, "", { "retry-after": "5" }), "later transient"],
  ["no answer", reset, "later transient"],
  ["no right", answer(403), "problem NotAuthorized"],
];
for (const [name, given, expected] of polls) {
  test(`poll answered by ${name}`, async () => {
    const resourceManager = scripted({ operation: [given] });
    const settled = await pollOperation({ resourceManager, keys })({ ...connection, operationUrl: `${own}/op/1?s=%2B` }, log, nobody);
    if (typeof expected === "string") assert.equal(saidOf(settled), expected);
    else assert.deepEqual("ok" in settled && settled.ok, expected);
    assert.equal(resourceManager.asked[0]?.[1], `${own}/op/1?s=%2B`);
    assert.ok(JSON.stringify(settled).length < 300 || "problem" in settled || "later" in settled);
  });
}

for (const [name, given] of [
  ["success, in capitals", answer(200, { status: "SUCCEEDED" })],
  ["a Location that is over", answer(204, "")],
] as const) {
  test(`after ${name} the connection is read in the same step`, async () => {
    const resourceManager = scripted({ operation: [given], get: [shown("Succeeded")] });
    const settled = await pollOperation({ resourceManager, keys })({ ...connection, operationUrl: `${own}/op/1` }, log, nobody);
    assert.ok("ok" in settled);
    const { verification, ...poll } = settled.ok;
    assert.deepEqual(poll, { done: true, armState: "Succeeded", retryAfterSeconds: null });
    assert.deepEqual(verification, { ok: JSON.parse(shown("Succeeded").text) });
    assert.deepEqual(
      settled.attempts?.map(({ action }) => action),
      ["verify"],
      "the ledger has the read, and not the poll",
    );
  });
}

for (const [name, given, expected] of [
  ["still changing", shown("Updating"), "later busy"],
  ["gone", missing, "later missing"],
  ["failed", shown("Failed"), "problem ProvisioningFailed"],
  ["not read", answer(503, "", { "retry-after": "9" }), "later transient"],
] as const) {
  test(`an operation is done, and the connection is ${name}: the poll says both, and logs why`, async () => {
    const lines: string[] = [];
    const context = { functionName: "pollOperation", info: (line: string) => lines.push(JSON.parse(line).step) } as never;
    const resourceManager = scripted({ operation: [answer(200, { status: "Succeeded" })], get: [given] });
    const input = { ...connection, operationUrl: `${own}/op/1` };
    const settled = await hideSecrets(pollOperation({ resourceManager, keys }), keys)(input, context);
    assert.ok("ok" in settled && settled.ok.verification);
    assert.deepEqual([settled.ok.done, saidOf(settled.ok.verification)], [true, expected]);
    assert.deepEqual(lines, ["provisioned", expected.startsWith("later") ? "retrying" : "failed"]);
  });
}

test("if Azure replaced the operation, the connection must be as it is wanted", async () => {
  const input = { ...connection, operationUrl: null, desired: inputFor().desired };
  const poll = (given: ArmResponse) => pollOperation({ resourceManager: scripted({ get: [given] }), keys })(input, log, nobody);
  const [same, other] = [shown("Succeeded"), shown("Succeeded", { properties: { ...body().properties, routingWeight: 7 } })];
  for (const [given, expected] of [
    [same, "ok"],
    [other, "problem OperationCanceled"],
  ] as const) {
    const settled = await poll(given);
    assert.ok("ok" in settled && settled.ok.verification);
    assert.equal(saidOf(settled.ok.verification), expected);
  }
});

test("the end of an operation of another request is not verified", async () => {
  const resourceManager = scripted({ operation: [answer(200, { status: "Succeeded" })] });
  const settled = await pollOperation({ resourceManager, keys })(
    { ...connection, operationUrl: `${own}/op/1`, ofAnother: true },
    log,
    nobody,
  );
  assert.deepEqual("ok" in settled && settled.ok, { done: true, armState: "Succeeded", retryAfterSeconds: null });
});

test("a failure keeps all that Azure said", async () => {
  const error = { code: "X", message: "m", details: [{ code: "Y", innererror: { code: "Z" } }] };
  const settled = await pollOperation({ resourceManager: scripted({ operation: [answer(200, { status: "Failed", error })] }), keys })(
    { ...connection, operationUrl: `${own}/op` },
    log,
    nobody,
  );
  assert.ok("problem" in settled);
  assert.deepEqual(settled.problem.arm, { status: 200, ...error });
});

for (const [name, operationUrl, given, expected] of [
  ["still updating", null, shown("Updating"), "ok false"],
  ["succeeded", null, shown("Succeeded"), "ok true"],
  ["a link still updating", null, shown("Succeeded", body(), "Updating"), "ok false"],
  ["failed", null, shown("Failed"), "problem ProvisioningFailed"],
  ["gone", null, missing, "later missing"],
  ["no connection at all", null, answer(200, []), "later transient"],
  ["a URL that is not ours", "https://evil.example/op", shown("Succeeded"), "ok true"],
] as const) {
  test(`the resource is polled instead of an operation: ${name}`, async () => {
    const resourceManager = scripted({ get: [given] });
    const settled = await pollOperation({ resourceManager, keys })({ ...connection, operationUrl }, log, nobody);
    assert.equal("ok" in settled ? `ok ${settled.ok.done}` : saidOf(settled), expected);
    assert.equal(resourceManager.asked[0]?.[0], "get");
  });
}
