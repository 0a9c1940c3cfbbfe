import assert from "node:assert/strict";
import { test } from "node:test";
import type { KeyVault } from "../../../azure/key-vault.ts";
import { putConnection } from "../../../functions/activities/put-connection.ts";
import type { SubmissionNotes } from "../../../functions/activities/submission-note.ts";
import type { ArmResponse } from "../../../shared/arm/response.ts";
import { problem } from "../../../shared/contract/problem.ts";
import { keepKeys, noKeys, recallKeys } from "../../../shared/durable/connection-keys.ts";
import { openSealed } from "../../../shared/secrets/sealing.ts";
import { noNotes, notesInMemory } from "../../support/notes.ts";
import {
  accepted,
  answer,
  body,
  inputFor,
  instanceId,
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

// Sending the PUT, against scripted responses.

const noVault: KeyVault = { readSecret: async () => Promise.reject(new Error("no vault is asked")) };
/** Instances that have been ended meanwhile, and those of which the store says nothing. */
const [ended, unknown] = [new Set<string>(), new Set<string>()];
const isAlive = async (_context: unknown, instanceId: string) => {
  if (unknown.has(instanceId)) throw new Error("the store is away");
  return !ended.has(instanceId);
};
const put = async (
  script: Parameters<typeof scripted>[0],
  sharedKey?: string,
  more: object = {},
  { keyVault = noVault, notes = noNotes }: { keyVault?: KeyVault; notes?: SubmissionNotes } = {},
) => {
  const resourceManager = scripted(script);
  const input = { ...inputFor(sharedKey), attempt: 1, requestSource: "/tests", requestType: null, remembered: noKeys, ...more };
  const settled = await putConnection({ resourceManager, keyVault, keys, isAlive, notes })(input, log, nobody);
  return { settled, asked: resourceManager.asked };
};

for (const sharedKey of [undefined, "Summer2026"]) {
  test(`an error nested 10,000 levels deep is a refusal like any other, ${sharedKey ? "with" : "without"} a key`, async () => {
    const deep = `${'{"details":['.repeat(10_000)}1${"]}".repeat(10_000)}`;
    const text = `{"error":{"code":"BadRequest","message":"no","details":[${deep}],"innererror":${deep}}}`;
    const { settled } = await put({ get: [missing], put: [answer(400, text)] }, sharedKey);
    assert.ok("problem" in settled);
    assert.deepEqual([settled.problem.code, settled.problem.arm?.code], ["RequestRefused", "BadRequest"]);
  });
}

test("nothing there: one PUT with the opened key, and the operation as the headers gave it", async () => {
  const { settled, asked } = await put({ get: [missing], put: [accepted(201)] }, "the-real-key");
  assert.ok("ok" in settled && settled.ok.status === "running");
  assert.deepEqual(
    [settled.ok.change, settled.ok.operationUrl, settled.ok.operationId, settled.ok.retryAfterSeconds, settled.ok.armState],
    ["Created", `${own}/op/1?s=%2B`, "1", 10, "Updating"],
  );
  assert.deepEqual(asked[1]?.[2], body("the-real-key"));
  assert.ok(!JSON.stringify(settled).includes("the-real-key"));
  assert.deepEqual(
    settled.attempts?.map(({ action, status }) => [action, status]),
    [
      ["get", 404],
      ["put", 201],
    ],
  );
});

test("an instance that was ended while it was reading writes nothing", async () => {
  const { instanceId } = inputFor();
  ended.add(instanceId);
  const { settled, asked } = await put({ get: [missing] }).finally(() => ended.delete(instanceId));
  assert.ok("problem" in settled && settled.problem.code === "Interrupted");
  assert.deepEqual(
    asked.map(([verb]) => verb),
    ["get"],
  );
});

test("a store that does not say whether the instance was ended is asked later, and nothing is written before", async () => {
  const { instanceId } = inputFor();
  unknown.add(instanceId);
  const { settled, asked } = await put({ get: [missing] }).finally(() => unknown.delete(instanceId));
  assert.ok("later" in settled && settled.later.class === "transient" && settled.later.problem.code === "ServiceUnavailable");
  assert.deepEqual(
    asked.map(([verb]) => verb),
    ["get"],
  );
  assert.equal(settled.attempts?.length, 1, "the read is in the ledger");
});

test("equal and settled without a key: no PUT, and the resource without secret fields", async () => {
  const { settled, asked } = await put({ get: [shown("Succeeded")] });
  assert.ok("ok" in settled && settled.ok.status === "notNeeded");
  assert.equal(asked.length, 1);
});

const writes: readonly (readonly [name: string, found: ArmResponse, key?: string])[] = [
  ["equal, but the request brings a key", shown("Succeeded"), "key"],
  ["equal, but Failed", shown("Failed")],
  ["equal, but a link has failed", shown("Succeeded", body(), "Failed")],
  ["different", shown("Succeeded", { properties: { ...body().properties, enableInternetSecurity: true } })],
];
for (const [name, found, key] of writes) {
  test(`${name}: PUT, Updated`, async () => {
    const { settled } = await put({ get: [found], put: [accepted(200)] }, key);
    assert.ok("ok" in settled && settled.ok.status === "running" && settled.ok.change === "Updated");
  });
}

test("the same change on its way is adopted, without a PUT", async () => {
  const { settled, asked } = await put({ get: [shown("Updating")] });
  assert.ok("ok" in settled && settled.ok.status === "running" && settled.ok.operationUrl === null);
  assert.equal(asked.length, 1);
});

test("a deletion on its way is waited for without asking the store what was sent", async () => {
  const notes = Object.assign(notesInMemory(), { away: true });
  const { settled } = await put({ get: [shown("Deleting")] }, "the-real-key", {}, { notes });
  assert.ok("later" in settled && settled.later.problem.code === "GatewayBusy");
});

test("a change on its way that may have another key is waited for, unless an earlier run of this try may have sent the key", async () => {
  const notes = notesInMemory();
  assert.equal(saidOf((await put({ get: [shown("Updating")] }, "the-real-key", {}, { notes })).settled), "later busy");
  await put({ get: [missing], put: [accepted(201)] }, "the-real-key", {}, { notes });
  const { settled } = await put({ get: [shown("Updating")] }, "the-real-key", {}, { notes });
  assert.ok("ok" in settled && settled.ok.status === "running");
  assert.deepEqual(settled.ok.given.keys, [], "which key Azure has is not certain");
});

for (const [name, found] of [
  ["another change", shown("Updating", { properties: { ...body().properties, enableInternetSecurity: true } })],
  ["a deletion", answer(200, { properties: { provisioningState: "Deleting" } })],
] as const) {
  test(`${name} on its way is waited for`, async () => {
    const { settled } = await put({ get: [found] });
    assert.ok("later" in settled && settled.later.class === "busy" && settled.later.problem.code === "GatewayBusy");
  });
}

const outcomes: readonly (readonly [name: string, given: ArmResponse | Error, expected: string])[] = [
  ["a busy gateway", answer(409, { error: { code: "AnotherOperationInProgress", message: "m" } }), "later busy"],
  ["throttling", answer(429), "later transient"],
  ["an outage", answer(503, "<html>"), "later transient"],
  ["a lost answer", reset, "later transient"],
  ["a page of somebody in between", answer(200, "<html>"), "later transient"],
  ["success without a word", answer(200, ""), "later transient"],
  ["a bad request", answer(400, { error: { code: "InvalidParameter", message: "m" } }), "problem RequestRefused"],
  ["no right", answer(403, { error: { code: "AuthorizationFailed", message: "m" } }), "problem NotAuthorized"],
  ["no gateway", answer(404, { error: { code: "ResourceNotFound", message: "m" } }), "later missing"],
  ["a redirect", answer(307, "", { location: "https://elsewhere" }), "problem RequestRefused"],
];
for (const [name, given, expected] of outcomes) {
  test(`PUT answered by ${name}`, async () => assert.equal(saidOf((await put({ get: [missing], put: [given] })).settled), expected));
  test(`GET before answered by ${name}`, async () => {
    const { settled, asked } = await put({ get: [given], put: [accepted(201)] });
    // A 404 before is no refusal: the connection, or its gateway, is not there, and the PUT will
    // tell.
    assert.equal(saidOf(settled), given instanceof Error || given.status !== 404 ? expected : "ok");
    assert.equal(asked.length, saidOf(settled) === "ok" ? 2 : 1);
  });
}

for (const [name, given] of [
  ["HTML", answer(200, "<html>")],
  ["a body that says no state", answer(200, { name: "c" })],
] as const) {
  test(`${name} in place of the connection is no sign of anything: try later, write nothing`, async () => {
    const { settled, asked } = await put({ get: [given] });
    assert.equal(saidOf(settled), "later transient");
    assert.equal(asked.length, 1);
  });
}

const promises: readonly (readonly [name: string, put: ArmResponse, status: string, operationUrl: string | null])[] = [
  ["200 with an operation", accepted(200), "running", `${own}/op/1?s=%2B`],
  ["202 with a Location alone", accepted(202, { location: `${own}/results/1` }), "running", `${own}/results/1`],
  ["201 with a Location alone", accepted(201, { location: `${own}/results/1` }), "running", null],
  ["201 with neither", accepted(201, {}), "running", null],
  ["200 and over", answer(200, { properties: { provisioningState: "Succeeded" } }), "done", null],
  ["200 and failed at once", answer(200, { properties: { provisioningState: "Failed" } }), "done", null],
  ["200 with a body that says nothing, and an operation", { ...accepted(200), text: "<html>" }, "running", `${own}/op/1?s=%2B`],
];
for (const [name, given, status, operationUrl] of promises) {
  test(`PUT answered by ${name}`, async () => {
    const { settled } = await put({ get: [missing], put: [given] });
    assert.ok("ok" in settled);
    assert.equal(settled.ok.status, status);
    assert.equal("operationUrl" in settled.ok ? settled.ok.operationUrl : null, operationUrl);
  });
}

test("a gateway that names the operation it is busy with: that one is to be polled", async () => {
  const message = `Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: ${own}/operations/7?s=%2B.`;
  const given = answer(409, { error: { code: "AnotherOperationInProgress", message } }, { "retry-after": "12" });
  const { settled } = await put({ get: [missing], put: [given] });
  assert.ok("ok" in settled && settled.ok.status === "blocked");
  assert.deepEqual([settled.ok.operationUrl, settled.ok.retryAfterSeconds], [`${own}/operations/7?s=%2B`, 12]);
  // It may have been a PUT of our own whose host did not live to see it answered.
  assert.deepEqual(settled.ok.before, { existed: false, etag: "" });
  const after = await put({ get: [shown("Succeeded")] }, "the-real-key", { before: settled.ok.before });
  assert.ok("ok" in after.settled && after.settled.ok.status === "done" && after.settled.ok.change === "Created");
  const elsewhere = answer(409, {
    error: { code: "AnotherOperationInProgress", message: message.replaceAll(own, "https://evil.example") },
  });
  assert.equal(saidOf((await put({ get: [missing], put: [elsewhere] })).settled), "later busy");
});

test("after a PUT whose answer got lost, the next try knows what was there, and does not write what is there by now", async () => {
  const first = await put({ get: [missing], put: [reset] }, "the-real-key");
  assert.ok("later" in first.settled);
  const { carried } = first.settled.later;
  assert.deepEqual(carried, { existed: false, etag: "" });
  const again = await put({ get: [shown("Succeeded")] }, "the-real-key", { attempt: 2, before: carried });
  assert.ok("ok" in again.settled && again.settled.ok.status === "done" && again.settled.ok.change === "Created");
  assert.equal(again.asked.length, 1);
  const running = await put({ get: [shown("Updating")] }, "the-real-key", { attempt: 2, before: carried });
  assert.ok("ok" in running.settled && running.settled.ok.status === "running" && running.settled.ok.change === "Created");

  const etag = (value: string) => ({ ...shown("Succeeded"), text: shown("Succeeded").text.replace("{", `{"etag":"${value}",`) });
  const before = await put({ get: [etag("one")], put: [answer(504)] }, "the-real-key");
  assert.ok("later" in before.settled);
  const changed = await put({ get: [etag("two")] }, "the-real-key", { before: before.settled.later.carried });
  assert.ok("ok" in changed.settled && changed.settled.ok.status === "done" && changed.settled.ok.change === "Updated");
  const failed = { ...shown("Failed"), text: shown("Failed").text.replace("{", '{"etag":"two",') };
  const ended = await put({ get: [failed] }, "the-real-key", { before: before.settled.later.carried });
  assert.ok("ok" in ended.settled && ended.settled.ok.status === "done", "that PUT was carried out, and failed: it is not sent again");
  const untouched = await put({ get: [etag("one")], put: [accepted(200)] }, "the-real-key", { before: before.settled.later.carried });
  assert.equal(untouched.asked.length, 2, "nobody wrote since: the PUT did not arrive");
});

test("what a PUT was to change is told, although its answer got lost and a read shows it done, or on its way", async () => {
  const other = { properties: { ...body().properties, enableInternetSecurity: true } };
  const first = await put({ get: [shown("Succeeded", other)], put: [reset] });
  assert.ok("later" in first.settled);
  for (const state of ["Succeeded", "Updating"]) {
    const read = shown(state);
    const changed = { ...read, text: read.text.replace("{", '{"etag":"two",') };
    const { settled } = await put({ get: [changed] }, undefined, { attempt: 2, before: first.settled.later.carried });
    assert.ok("ok" in settled && "diff" in settled.ok, state);
    const [difference, ...more] = settled.ok.diff ?? [];
    assert.deepEqual([difference?.target, difference?.before, more], ["/properties/enableInternetSecurity", true, []], state);
  }
});

test("a key that Azure is known to have is no reason to write; another one, or one that nobody knows, is", async () => {
  const first = await put({ get: [missing], put: [accepted(201)] }, "the-real-key");
  assert.ok("ok" in first.settled && first.settled.ok.status === "running");
  const remembered = recallKeys(keepKeys({}, "c", [], first.settled.ok.given), "c");
  const same = await put({ get: [shown("Succeeded")] }, "the-real-key", { remembered });
  assert.ok("ok" in same.settled && same.settled.ok.status === "notNeeded");
  const rotated = new Map([["k9", Buffer.alloc(32, 9)], ...keys]);
  const input = { ...inputFor("the-real-key"), attempt: 1, requestSource: "/tests", requestType: null, remembered };
  const afterRotation = await putConnection({
    resourceManager: scripted({ get: [shown("Succeeded")] }),
    keyVault: noVault,
    keys: rotated,
    isAlive,
    notes: noNotes,
  })(input, log, nobody);
  assert.ok("ok" in afterRotation && afterRotation.ok.status === "notNeeded");
  for (const [key, known, after] of [
    ["another-key", remembered, "changed"],
    ["the-real-key", noKeys, "unknown"],
  ] as const) {
    const { settled } = await put({ get: [shown("Succeeded")], put: [accepted(200)] }, key, { remembered: known });
    assert.ok("ok" in settled && settled.ok.status === "running");
    assert.deepEqual(settled.ok.diff, [
      { target: "/properties/vpnLinkConnections/l/properties/sharedKey", change: "key", before: null, after },
    ]);
  }
});

test("keys whose PUT was sent by a host that died are not sent again, unless the history knows that try", async () => {
  const notes = notesInMemory();
  const etag = (value: string) => answer(200, { ...JSON.parse(shown("Succeeded").text), etag: value });
  const first = await put({ get: [etag("old")], put: [accepted(200)] }, "the-real-key", {}, { notes });
  assert.deepEqual(notes.notes.get(inputFor().instanceId)?.before.etag, "old");
  assert.ok("ok" in first.settled && first.settled.ok.status === "running");
  // The same try runs again: Azure has finished meanwhile, and shows no key.
  const again = await put({ get: [etag("new")] }, "the-real-key", {}, { notes });
  assert.ok("ok" in again.settled && again.settled.ok.status === "done");
  assert.deepEqual(again.settled.ok.given.keys, [], "Azure may have another key by now");
  assert.deepEqual(again.settled.ok.diff, first.settled.ok.diff);
  // Nothing has happened to the connection: the PUT did not arrive.
  const lost = await put({ get: [etag("old")], put: [accepted(200)] }, "the-real-key", {}, { notes });
  assert.ok("ok" in lost.settled && lost.settled.ok.status === "running");
  // What a later try finds was not done by the PUT of an earlier one, which was refused.
  const later = await put({ get: [etag("new")], put: [accepted(200)] }, "the-real-key", { attempt: 2 }, { notes });
  assert.ok("ok" in later.settled && later.settled.ok.status === "running");
});

test("without a store for the note no key is sent", async () => {
  const notes = Object.assign(notesInMemory(), { away: true });
  const { settled, asked } = await put({ get: [missing] }, "the-real-key", {}, { notes });
  assert.ok("later" in settled);
  assert.deepEqual(
    asked.map(([verb]) => verb),
    ["get"],
  );
});

test("a key from Key Vault is fetched for the PUT, and sealed for the steps behind it", async () => {
  const uri = "https://vault.example/secrets/psk";
  const desired = body() as { properties: { vpnLinkConnections: { properties: object }[] } };
  Object.assign(desired.properties.vpnLinkConnections[0]?.properties ?? {}, { sharedKey: { keyVaultSecretUri: uri } });
  const vault = (value: string): KeyVault => ({
    readSecret: async (asked) => {
      assert.equal(asked, uri);
      return { ok: { value, version: "1" } };
    },
  });
  const { settled, asked } = await put(
    { get: [missing], put: [accepted(201)] },
    undefined,
    { desired },
    { keyVault: vault("from-the-vault") },
  );
  assert.ok("ok" in settled && settled.ok.status === "running");
  assert.deepEqual(asked[1]?.[2], body("from-the-vault"));
  const pointer = "/connection/properties/vpnLinkConnections/0/properties/sharedKey";
  assert.equal(openSealed(settled.ok.sealed[pointer] ?? "", instanceId, pointer, keys), "from-the-vault");
  assert.ok(!JSON.stringify(settled).includes("from-the-vault"));
  const echoed = answer(400, { error: { code: "Bad", message: "the key from-the-vault is bad" } });
  const refused = await put({ get: [missing], put: [echoed] }, undefined, { desired }, { keyVault: vault("from-the-vault") });
  assert.ok("problem" in refused.settled && !JSON.stringify(refused.settled).includes("from-the-vault"));
  const unusable = await put({ get: [missing] }, undefined, { desired }, { keyVault: vault("x".repeat(129)) });
  assert.equal(saidOf(unusable.settled), "problem SecretUnusable");
  assert.ok("problem" in unusable.settled);
  assert.equal(unusable.settled.problem.target, pointer, "of a bare body");
  assert.match(unusable.settled.problem.message, /^Link 'l': The secret in Key Vault is not a pre-shared key/);
  const withoutKey = problem("SecretForbidden", "No.");
  for (const answer of [{ problem: withoutKey }, { later: { class: "transient", problem: withoutKey } }] as const) {
    const inEvent = await put({}, undefined, { desired, requestType: "t" }, { keyVault: { readSecret: async () => answer } });
    const told =
      "problem" in inEvent.settled ? inEvent.settled.problem : "later" in inEvent.settled ? inEvent.settled.later.problem : undefined;
    assert.deepEqual([told?.target, told?.message], [`/data${pointer}`, "Link 'l': No."]);
  }
});

test("ids of calls are the same for the same try, and others for another", async () => {
  const idsOf = async (attempt: number) =>
    (await put({ get: [missing], put: [accepted(201)] }, undefined, { attempt })).asked.map((call) => call.at(-1));
  assert.deepEqual(await idsOf(1), await idsOf(1));
  const all = [...(await idsOf(1)), ...(await idsOf(2))] as { clientRequestId: string; correlationId: string }[];
  assert.equal(new Set(all.map(({ clientRequestId }) => clientRequestId)).size, 4);
  assert.equal(new Set(all.map(({ correlationId }) => correlationId)).size, 1);
});

test("an operation URL elsewhere is not followed, and said", async () => {
  const { settled } = await put({ get: [missing], put: [accepted(201, { "azure-asyncoperation": "https://evil.example/op" })] });
  assert.ok("ok" in settled && settled.ok.status === "running" && settled.ok.operationUrl === null);
  assert.deepEqual(
    settled.ok.warnings.map(({ code }) => code),
    ["ForeignOperationUrl"],
  );
});
