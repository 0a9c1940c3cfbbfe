import assert from "node:assert/strict";
import { test } from "node:test";
import type { InvocationContext } from "@azure/functions";
import fc from "fast-check";
import type { KeyVault } from "../../../azure/key-vault.ts";
import type { ResourceManager } from "../../../azure/resource-manager.ts";
import type { Activity } from "../../../functions/activities/activity.ts";
import { hideSecrets } from "../../../functions/activities/hide-secrets.ts";
import { planConnection } from "../../../functions/activities/plan-connection.ts";
import { pollOperation } from "../../../functions/activities/poll-operation.ts";
import { putConnection } from "../../../functions/activities/put-connection.ts";
import { readConnectionState } from "../../../functions/activities/read-connection-state.ts";
import { validateRequest } from "../../../functions/activities/validate-request.ts";
import { verifyConnection } from "../../../functions/activities/verify-connection.ts";
import { createStoredConnection } from "../../../local/azure/resource-manager/defaults.ts";
import type { ArmResponse } from "../../../shared/arm/response.ts";
import type { VpnConnection } from "../../../shared/contract/connection.ts";
import { type GivenKeys, keepKeys, noKeys, recallKeys } from "../../../shared/durable/connection-keys.ts";
import { policySchema } from "../../../shared/policy.ts";
import { collectSealed, openSealed, sealSecrets } from "../../../shared/secrets/sealing.ts";
import { everyTarget } from "../../support/allowed.ts";
import { noNotes } from "../../support/notes.ts";
import { disguises, spellings } from "../../support/spellings.ts";

// Whatever Azure says, no activity's answer has a key of its request; and whatever the key is, the
// answer has all that the next steps need.

const keys = new Map([["k1", Buffer.alloc(32, 3)]]);
const instanceId = "vpn-6fec4dfa1dcd8d54cacabf83fa04c7a71aa91596";
const base = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
const target = { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "g", connectionName: "c" };
const own = "https://arm.example";
const operationUrl = `${own}/subscriptions/s/operations/1?t=%2B`;
const pointer = "/connection/properties/vpnLinkConnections/0/properties/sharedKey";
const uri = "https://vault.example/secrets/vpn-psk";
const context = { info: () => {} } as unknown as InvocationContext;
const allSpellings = Object.values({ ...spellings, ...disguises });

const body = (sharedKey?: unknown) => ({
  properties: {
    remoteVpnSite: { id: `${base}/vpnSites/v` },
    vpnLinkConnections: [{ name: "l", properties: { vpnSiteLink: { id: `${base}/vpnSites/v/vpnSiteLinks/l` }, sharedKey } }],
  },
});

/**
 * The input of every activity that talks to Azure, for a key that stands in the request, or in a
 * vault.
 */
function inputOf(key: string, inVault = false) {
  const data = { target, connection: body(inVault ? { keyVaultSecretUri: uri } : key) };
  const { connection } = sealSecrets(data, instanceId, keys) as { connection: VpnConnection };
  const common = { instanceId, target, requestSource: "/tests", attempt: 1, desired: connection, remembered: noKeys };
  const sealedKey = sealSecrets({ connection: body(key) }, instanceId, keys);
  // Steps after the PUT are given the keys of the vault, too.
  return { ...common, sealed: collectSealed((sealedKey as typeof data).connection, ["connection"]) };
}

const answer = (status: number, json: unknown, headers: Record<string, string> = {}): ArmResponse => ({
  status,
  headers,
  text: typeof json === "string" ? json : JSON.stringify(json),
});

/** The connection as Azure shows it, with a text in fields that nobody knows. */
function shown(text: string, provisioningState = "Succeeded") {
  const stored = createStoredConnection(`${base}/vpnGateways/g/vpnConnections/c`, `${base}/virtualHubs/hub1`, body()) as unknown as {
    properties: { vpnLinkConnections: { properties: object }[] };
  };
  for (const { properties } of stored.properties.vpnLinkConnections)
    Object.assign(properties, { provisioningState, ike: text, sharedKey: text });
  return answer(200, { ...stored, future: [text], properties: { ...stored.properties, provisioningState, echo: text } });
}

/** Azure with one answer to each kind of call. */
function azure(answers: { get?: ArmResponse; put?: ArmResponse; operation?: ArmResponse; resource?: ArmResponse }): ResourceManager {
  const given = (one?: ArmResponse) => async () => one ?? assert.fail("not scripted");
  return {
    getConnection: given(answers.get),
    putConnection: given(answers.put),
    getOperation: given(answers.operation),
    getResource: given(answers.resource),
    isOwn: (url: string) => url.startsWith(`${own}/`),
  };
}

async function run(activity: (resourceManager: ResourceManager) => Activity<never, unknown>, arm: ResourceManager, input: unknown) {
  return hideSecrets(activity(arm), keys)(input, context);
}
const vaultOf = (value: string): KeyVault => ({ readSecret: async () => ({ ok: { value, version: "1" } }) });
const isAlive = async () => true;
const activities = {
  put: (key: string) => (resourceManager: ResourceManager) =>
    putConnection({ resourceManager, keyVault: vaultOf(key), keys, isAlive, notes: noNotes }),
  plan: (key: string) => (resourceManager: ResourceManager) => planConnection({ resourceManager, keyVault: vaultOf(key), keys }),
  poll: () => (resourceManager: ResourceManager) => pollOperation({ resourceManager, keys }),
  verify: () => (resourceManager: ResourceManager) => verifyConnection({ resourceManager, keys }),
  readState: () => (resourceManager: ResourceManager) => readConnectionState({ resourceManager, keys }),
} as const;
type Name = keyof typeof activities;

/** An error that says a text in each of its places. */
const errorWith = (code: string, text: string) => ({
  error: {
    code,
    message: `The value ${text} of property 'sharedKey' is not valid. Retry after 7 seconds.`,
    target: text,
    details: [{ code: "Inner", message: text }],
    innererror: { message: text },
    additionalInfo: [{ type: "Echo", info: { [text]: text } }],
  },
});

const sign = fc.oneof(
  fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  fc.constantFrom(..."\"\\'<>&%"),
);
// Between marks that no other text has, so that a trace of it is no chance.
const longKey = fc.string({ unit: sign, maxLength: 20 }).map((middle) => `zq9X${middle}Qx7z`);
const shortKey = fc.string({ unit: sign, minLength: 1, maxLength: 4 }).map((middle) => `q~${middle}`);

/**
 * Where Azure may quote a key to each activity; `expected` is the class or the code of what comes
 * of it, which the key does not change.
 */
const refusals: readonly (readonly [Name, (text: string) => ResourceManager, string])[] = [
  ["put", (text) => azure({ get: answer(400, errorWith("BadRequest", text)) }), "RequestRefused"],
  ["put", (text) => azure({ get: answer(404, {}), put: answer(400, errorWith("BadRequest", text)) }), "RequestRefused"],
  ["put", (text) => azure({ get: answer(404, {}), put: answer(429, errorWith("AnotherOperationInProgress", text)) }), "busy 7"],
  ["put", (text) => azure({ get: answer(404, {}), put: answer(503, errorWith("ServerTimeout", text)) }), "transient 7"],
  ["plan", (text) => azure({ get: answer(403, errorWith("AuthorizationFailed", text)) }), "NotAuthorized"],
  ["poll", (text) => azure({ operation: answer(200, { status: "Failed", ...errorWith("Bad", text) }) }), "OperationFailed"],
  ["poll", (text) => azure({ operation: answer(200, { status: "Canceled", ...errorWith("Bad", text) }) }), "OperationCanceled"],
  ["poll", (text) => azure({ operation: answer(403, errorWith("Bad", text)) }), "NotAuthorized"],
  ["verify", (text) => azure({ get: answer(403, errorWith("Bad", text)) }), "NotAuthorized"],
  ["readState", (text) => azure({ get: answer(403, errorWith("Bad", text)) }), "NotAuthorized"],
];

for (const [index, [name, script, expected]] of refusals.entries()) {
  test(`${name} (${index}): no error text has the key, and what it means is the same`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(longKey, shortKey), fc.constantFrom(...allSpellings), fc.boolean(), async (key, spell, inVault) => {
        const text = spell(key);
        // A key from a vault never ends with a space.
        const input = inputOf(key, inVault && key.trim() === key);
        const settled = await run(activities[name](key), script(text), { ...input, operationUrl });
        const said =
          "later" in settled ? `${settled.later.class} ${settled.later.afterSeconds}` : "problem" in settled && settled.problem.code;
        assert.equal(said, expected);
        const all = JSON.stringify(settled);
        for (const trace of [key, text].map((part) => JSON.stringify(part).slice(1, -1))) assert.ok(!all.includes(trace), all);
      }),
      { numRuns: 150 },
    );
  });
}

const reads: readonly (readonly [Name, (text: string) => ResourceManager])[] = [
  ["put", (text) => azure({ get: shown(text, "Failed"), put: answer(200, shown(text).text, { "azure-asyncoperation": operationUrl }) })],
  ["plan", (text) => azure({ get: shown(text) })],
  ["verify", (text) => azure({ get: shown(text) })],
  ["readState", (text) => azure({ get: shown(text) })],
  ["poll", (text) => azure({ operation: answer(200, { status: "InProgress", properties: { text } }) })],
];
for (const [name, script] of reads) {
  test(`${name}: no resource has the key`, async () => {
    await fc.assert(
      fc.asyncProperty(longKey, fc.constantFrom(...allSpellings), fc.boolean(), async (key, spell, inVault) => {
        const text = spell(key);
        const settled = await run(activities[name](key), script(text), { ...inputOf(key, inVault), operationUrl });
        const all = JSON.stringify(settled);
        assert.ok("ok" in settled, all);
        for (const trace of [key, text].map((part) => JSON.stringify(part).slice(1, -1))) assert.ok(!all.includes(trace), all);
      }),
      { numRuns: 150 },
    );
  });
}

const words =
  "a 1 Succeeded connection properties sharedKey Created Updating running operations vpnLinkConnections subscriptions null".split(" ");
test("whatever word the key is, a submitted change has all that the next steps need, and the resource is left", async () => {
  for (const key of words) {
    const put = answer(201, shown("x", "Updating").text, { "azure-asyncoperation": operationUrl, "retry-after": "10" });
    const settled = await run(activities.put(key), azure({ get: answer(404, {}), put }), inputOf(key));
    assert.ok("ok" in settled, key);
    const { sealed, given, diff, ...rest } = settled.ok as Record<string, unknown>;
    assert.deepEqual(rest, {
      status: "running",
      change: "Created",
      armState: "Updating",
      warnings: [],
      operationUrl,
      operationId: "1",
      retryAfterSeconds: 10,
    });
    assert.deepEqual(Object.keys(sealed as object), [pointer]);
    assert.equal(openSealed(String((sealed as Record<string, string>)[pointer]), instanceId, pointer, keys), key);
    assert.ok(Array.isArray(diff) && diff.length > 0 && given);

    const verified = await run(activities.verify(), azure({ get: shown("x") }), inputOf(key));
    const plain = await run(activities.verify(), azure({ get: shown("x") }), { ...inputOf(key), sealed: {} });
    assert.deepEqual(verified, plain, key);

    const poll = azure({ operation: answer(200, { status: "Succeeded" }), get: shown("x") });
    const polled = await run(activities.poll(), poll, { ...inputOf(key), operationUrl });
    assert.ok("ok" in polled && "ok" in plain);
    const verification = { ok: plain.ok };
    assert.deepEqual(polled.ok, { done: true, armState: "Succeeded", retryAfterSeconds: null, verification });
  }
});

test("the operation that a busy gateway names is found in a text that has the key", async () => {
  const busy = answer(429, { error: { code: "AnotherOperationInProgress", message: `q! waits for ${operationUrl}.` } });
  const settled = await run(activities.put("q!"), azure({ get: answer(404, {}), put: busy }), inputOf("q!"));
  assert.ok("ok" in settled);
  const { status, operationUrl: named, problem } = settled.ok as { status: string; operationUrl: string; problem: { message: string } };
  assert.deepEqual([status, named], ["blocked", operationUrl]);
  assert.match(problem.message, /text removed/);
});

test("a key that is the code of an error does not change what the error means, and is not told", async () => {
  const failed = (status: string, code: string) => azure({ operation: answer(200, { status, ...errorWith(code, "x") }) });
  const busyCode = "AnotherOperationInProgress";
  const busy = await run(
    activities.put(busyCode),
    azure({ get: answer(404, {}), put: answer(429, errorWith(busyCode, "x")) }),
    inputOf(busyCode),
  );
  assert.ok("later" in busy && busy.later.class === "busy");
  const passing = await run(activities.poll(), failed("Failed", "InternalServerError"), {
    ...inputOf("InternalServerError"),
    operationUrl,
  });
  assert.ok("problem" in passing && passing.problem.retryable);
  const newer = "CanceledAndSupersededDueToAnotherOperation";
  const superseded = await run(activities.poll(), failed("Canceled", newer), { ...inputOf(newer), operationUrl });
  assert.ok("ok" in superseded && (superseded.ok as { superseded?: boolean }).superseded);
  for (const [settled, key] of [
    [busy, busyCode],
    [passing, "InternalServerError"],
  ] as const)
    assert.ok(!JSON.stringify(settled).includes(key), JSON.stringify(settled));
});

test("what was there before, and the state of it, are told without the key; so is a connection that needs no change", async () => {
  const key = "a-key-of-the-request";
  const site = { id: `${base}/vpnSites/other`, echo: key };
  const inState = (state: string) => {
    const { properties, ...rest } = JSON.parse(shown(key, state).text);
    return { ...rest, properties: { ...properties, remoteVpnSite: site } };
  };
  const there = inState(`Updating ${key}`);
  const get = answer(200, inState("Failed"));
  const put = answer(200, there, { "azure-asyncoperation": operationUrl });
  const planned = await run(activities.plan(key), azure({ get: answer(200, there) }), inputOf(key));
  const submitted = await run(activities.put(key), azure({ get, put }), inputOf(key));
  for (const settled of [planned, submitted]) {
    const { diff } =
      "ok" in settled ? (settled.ok as { diff: { target: string; before: unknown }[] }) : assert.fail(JSON.stringify(settled));
    const changed = diff.find(({ target: at }) => at === "/properties/remoteVpnSite");
    assert.deepEqual(changed?.before, { id: `${base}/vpnSites/other`, echo: "[redacted]" });
    assert.ok(!JSON.stringify(settled).includes(key), JSON.stringify(settled));
  }

  const { given } = "ok" in submitted ? (submitted.ok as { given: GivenKeys }) : assert.fail();
  const remembered = recallKeys(keepKeys({}, "c", [], given), "c");
  const unchanged = await run(activities.put(key), azure({ get: shown(key) }), { ...inputOf(key), remembered });
  assert.equal("ok" in unchanged && (unchanged.ok as { status: string }).status, "notNeeded");
  assert.ok(!JSON.stringify(unchanged).includes(key), JSON.stringify(unchanged));
});

test("what the preflight tells of Azure has no key", async () => {
  await fc.assert(
    fc.asyncProperty(longKey, fc.constantFrom(...allSpellings), async (key, spell) => {
      const text = spell(key);
      const validate = (resourceManager: ResourceManager) =>
        validateRequest({ resourceManager, preflightMode: "enforce", keys, allowed: everyTarget, now: () => new Date() });
      for (const resource of [answer(403, errorWith(`Bad ${text}`, text)), answer(200, { id: text, properties: { text } })]) {
        const data = JSON.stringify(sealSecrets({ target, connection: body(key) }, instanceId, keys));
        const request = {
          ...inputOf(key),
          requestId: "r",
          type: null,
          data,
          ticket: null,
          fingerprints: [],
          receivedAt: "2026-01-01T00:00:00.000Z",
          sequenceNumber: "1",
          replySessionId: null,
          traceparent: null,
          policy: policySchema.parse({}),
        };
        const settled = await run(validate, azure({ resource }), request);
        const all = JSON.stringify(settled);
        for (const trace of [key, text].map((part) => JSON.stringify(part).slice(1, -1))) assert.ok(!all.includes(trace), all);
      }
    }),
    { numRuns: 100 },
  );
});
