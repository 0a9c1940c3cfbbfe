import assert from "node:assert/strict";
import { test } from "node:test";
import { pollOperation } from "../../functions/poll-operation.ts";
import { putConnection } from "../../functions/put-connection.ts";
import { verifyConnection } from "../../functions/verify-connection.ts";
import { storedConnection } from "../../local/azure/resource-manager/defaults.ts";
import type { VpnConnection } from "../../shared/contract/connection.ts";
import type { ArmResponse } from "../../shared/operation.ts";
import { sealedIn, sealSecrets } from "../../shared/sealing.ts";

// The three activities that talk to Resource Manager, against scripted answers.

const keys = new Map([["k1", Buffer.alloc(32, 3)]]);
const base = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
const target = { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "g", connectionName: "c" };
const instanceId = "vpn-6fec4dfa1dcd8d54cacabf83fa04c7a71aa91596";
const own = "https://arm.example";

const body = (sharedKey?: string) => ({
  properties: {
    remoteVpnSite: { id: `${base}/vpnSites/v` },
    vpnLinkConnections: [
      { name: "l", properties: { vpnSiteLink: { id: `${base}/vpnSites/v/vpnSiteLinks/l` }, ...(sharedKey ? { sharedKey } : {}) } },
    ],
  },
});
function inputFor(sharedKey?: string) {
  const { connection } = sealSecrets({ connection: body(sharedKey) }, instanceId, keys) as { connection: VpnConnection };
  return { instanceId, target, desired: connection, sealed: sealedIn(connection, ["connection"]) };
}
const answer = (status: number, json: unknown = {}, headers: Record<string, string> = {}): ArmResponse => ({
  status,
  headers,
  text: typeof json === "string" ? json : JSON.stringify(json),
});
/** The connection as the service shows it in a state, its links with it. */
function shown(provisioningState: string, desired: object = body(), linkState = provisioningState) {
  const stored = storedConnection(`${base}/vpnGateways/g/vpnConnections/c`, base, desired) as unknown as {
    properties: { vpnLinkConnections: { properties: object }[] };
  };
  for (const link of stored.properties.vpnLinkConnections) Object.assign(link.properties, { provisioningState: linkState });
  return answer(200, { ...stored, properties: { ...stored.properties, provisioningState } });
}
const missing = answer(404, { error: { code: "NotFound", message: "none" } });
const reset = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });

/** A Resource Manager that gives the scripted answers and keeps what it was asked. */
function scripted(script: { get?: (ArmResponse | Error)[]; put?: (ArmResponse | Error)[]; operation?: (ArmResponse | Error)[] }) {
  const asked: unknown[][] = [];
  const next = async (list: (ArmResponse | Error)[] | undefined, call: unknown[]) => {
    asked.push(call);
    const given = list?.shift();
    if (!given) throw new Error(`not scripted: ${JSON.stringify(call)}`);
    if (given instanceof Error) throw given;
    return given;
  };
  return {
    asked,
    getConnection: (...call: unknown[]) => next(script.get, ["get", ...call]),
    putConnection: (...call: unknown[]) => next(script.put, ["put", ...call]),
    getOperation: (...call: unknown[]) => next(script.operation, ["operation", ...call]),
    isOwn: (url: string) => url.startsWith(`${own}/`),
  };
}
const log = () => {};
/** No activity that talks to Resource Manager looks at its invocation. */
const nobody = undefined as never;
const put = async (script: Parameters<typeof scripted>[0], sharedKey?: string) => {
  const resourceManager = scripted(script);
  return { settled: await putConnection({ resourceManager, keys })(inputFor(sharedKey), log, nobody), asked: resourceManager.asked };
};
const accepted = (status: number, headers: Record<string, string> = { "azure-asyncoperation": `${own}/op/1?s=%2B`, "retry-after": "10" }) =>
  answer(status, { properties: { provisioningState: "Updating" } }, headers);

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
  const { settled, asked } = await put({ get: [shown("Updating")] }, "key");
  assert.ok("ok" in settled && settled.ok.status === "running" && settled.ok.operationUrl === null);
  assert.equal(asked.length, 1);
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
  ["a bad request", answer(400, { error: { code: "InvalidParameter", message: "m" } }), "problem RequestRefused"],
  ["no right", answer(403, { error: { code: "AuthorizationFailed", message: "m" } }), "problem NotAuthorized"],
  ["no gateway", answer(404, { error: { code: "ResourceNotFound", message: "m" } }), "problem NotFound"],
  ["a redirect", answer(307, "", { location: "https://elsewhere" }), "problem RequestRefused"],
];
const saidOf = (settled: object) =>
  "later" in settled
    ? `later ${(settled.later as { class: string }).class}`
    : "problem" in settled
      ? `problem ${(settled.problem as { code: string }).code}`
      : "ok";
for (const [name, given, expected] of outcomes) {
  test(`PUT answered by ${name}`, async () => assert.equal(saidOf((await put({ get: [missing], put: [given] })).settled), expected));
  test(`GET before answered by ${name}`, async () => {
    const { settled, asked } = await put({ get: [given], put: [accepted(201)] });
    // A 404 before is no refusal: the connection, or its gateway, is not there, and the PUT will tell.
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

test("an operation URL elsewhere is not followed, and said", async () => {
  const { settled } = await put({ get: [missing], put: [accepted(201, { "azure-asyncoperation": "https://evil.example/op" })] });
  assert.ok("ok" in settled && settled.ok.status === "running" && settled.ok.operationUrl === null);
  assert.deepEqual(
    settled.ok.warnings.map(({ code }) => code),
    ["ForeignOperationUrl"],
  );
});

const connection = { instanceId, target, sealed: {} };
const polls: readonly (readonly [name: string, given: ArmResponse | Error, expected: unknown])[] = [
  [
    "in progress",
    answer(200, { status: "InProgress" }, { "retry-after": "20" }),
    { done: false, armState: "Updating", retryAfterSeconds: 20 },
  ],
  ["a word nobody knows", answer(200, { status: "Pondering" }), { done: false, armState: "Updating", retryAfterSeconds: null }],
  ["an empty object", answer(200, {}), { done: false, armState: "Updating", retryAfterSeconds: null }],
  ["no JSON", answer(202, "<html>"), { done: false, armState: "Updating", retryAfterSeconds: null }],
  ["success, in capitals", answer(200, { status: "SUCCEEDED" }), { done: true, armState: "Succeeded", retryAfterSeconds: null }],
  ["an operation it forgot", answer(404), { done: false, forgotten: true, armState: "Unknown", retryAfterSeconds: null }],
  [
    "failure",
    answer(200, { status: "Failed", error: { code: "X", message: "m", details: [{ innererror: 1 }] } }),
    "problem OperationFailed",
  ],
  ["cancellation", answer(200, { status: "Canceled", error: { code: "Superseded", message: "m" } }), "problem OperationCanceled"],
  ["throttling", answer(429, "", { "retry-after": "5" }), "later transient"],
  ["no answer", reset, "later transient"],
  ["no right", answer(403), "problem NotAuthorized"],
];
for (const [name, given, expected] of polls) {
  test(`poll answered by ${name}`, async () => {
    const resourceManager = scripted({ operation: [given] });
    const settled = await pollOperation({ resourceManager })({ ...connection, operationUrl: `${own}/op/1?s=%2B` }, log, nobody);
    if (typeof expected === "string") assert.equal(saidOf(settled), expected);
    else assert.deepEqual("ok" in settled && settled.ok, expected);
    assert.equal(resourceManager.asked[0]?.[1], `${own}/op/1?s=%2B`);
    assert.ok(JSON.stringify(settled).length < 300 || "problem" in settled || "later" in settled);
  });
}

test("a failure keeps all that Azure said", async () => {
  const error = { code: "X", message: "m", details: [{ code: "Y", innererror: { code: "Z" } }] };
  const settled = await pollOperation({ resourceManager: scripted({ operation: [answer(200, { status: "Failed", error })] }) })(
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
  ["gone", null, missing, "problem ResourceVanished"],
  ["no connection at all", null, answer(200, []), "later transient"],
  ["a URL that is not ours", "https://evil.example/op", shown("Succeeded"), "ok true"],
] as const) {
  test(`the resource is polled instead of an operation: ${name}`, async () => {
    const resourceManager = scripted({ get: [given] });
    const settled = await pollOperation({ resourceManager })({ ...connection, operationUrl }, log, nobody);
    assert.equal("ok" in settled ? `ok ${settled.ok.done}` : saidOf(settled), expected);
    assert.equal(resourceManager.asked[0]?.[0], "get");
  });
}

const verifications: readonly (readonly [name: string, given: ArmResponse | Error, expected: string])[] = [
  ["Succeeded", shown("Succeeded"), "ok"],
  ["still Updating", shown("Updating"), "later busy"],
  ["a link still Updating", shown("Succeeded", body(), "Updating"), "later busy"],
  ["Failed", shown("Failed"), "problem ProvisioningFailed"],
  ["a link Failed", shown("Succeeded", body(), "Failed"), "problem ProvisioningFailed"],
  ["gone", missing, "problem ResourceVanished"],
  ["an outage", answer(500), "later transient"],
  ["no answer", reset, "later transient"],
  ["no connection at all", answer(200, {}), "later transient"],
  ["no JSON", answer(200, "<html>"), "later transient"],
];
for (const [name, given, expected] of verifications) {
  test(`verified: ${name}`, async () =>
    assert.equal(saidOf(await verifyConnection({ resourceManager: scripted({ get: [given] }) })(connection, log, nobody)), expected));
}

test("the verified resource is what the service gave, unknown fields kept, secret fields left out", async () => {
  const given = {
    properties: {
      provisioningState: "Succeeded",
      sharedKey: "x",
      future: { field: [1] },
      vpnLinkConnections: [{ properties: { provisioningState: "Succeeded", sharedKey: "y" } }],
    },
    systemData: {},
  };
  const settled = await verifyConnection({ resourceManager: scripted({ get: [answer(200, given)] }) })(connection, log, nobody);
  assert.deepEqual("ok" in settled && settled.ok, {
    properties: {
      provisioningState: "Succeeded",
      future: { field: [1] },
      vpnLinkConnections: [{ properties: { provisioningState: "Succeeded" } }],
    },
    systemData: {},
  });
});
