import assert from "node:assert/strict";
import { test } from "node:test";
import { jitterOf } from "../../orchestrations/jitter.ts";
import { connectionStateOf } from "../../shared/arm/connection-state.ts";
import { errorCodes } from "../../shared/arm/error-tree.ts";
import { mayPass, noAnswer, refusalOf } from "../../shared/arm/errors.ts";
import { armErrorOf, stateOf, waitOf } from "../../shared/arm/response.ts";
import { hintedSeconds, retryAfterSeconds } from "../../shared/arm/retry-after.ts";
import { atMost, type Finding, inOrder, jsonPointer } from "../../shared/contract/finding.ts";
import { outcomeOf, problem, problemCodes } from "../../shared/contract/problem.ts";
import { correlationIdOf } from "../../shared/correlation-id.ts";
import { instanceIdOf } from "../../shared/durable/instance-id.ts";
import { connectionId, gatewayId } from "../../shared/resource-id.ts";
import { keyFilterOf } from "../../shared/secrets/key-filter.ts";

const table = <Row extends readonly unknown[]>(name: string, rows: readonly Row[], check: (...row: Row) => void) => {
  for (const row of rows) test(`${name}: ${JSON.stringify(row)}`, () => check(...row));
};

/** What was never begun. */
const rejected = [
  "InvalidRequest",
  "UnreadableMessage",
  "UnsupportedVersion",
  "SourceNotAllowed",
  "TargetNotAllowed",
  "RequestIdConflict",
  "Superseded",
  "SecretNotAllowed",
  "SecretUnusable",
  "RequestUnknown",
  "RequestFinished",
  "Undeliverable",
];

const date = "Tue, 24 Nov 2026 12:00:00 GMT";
table<[string | undefined, string | undefined, number | undefined]>(
  "Retry-After",
  [
    ["10", undefined, 10],
    [" 0 ", undefined, 0],
    ["Tue, 24 Nov 2026 12:01:30 GMT", date, 90],
    ["Tue, 24 Nov 2026 11:00:00 GMT", date, 0],
    ["Tue, 24 Nov 2026 12:01:30 GMT", undefined, undefined],
    ["soon", date, undefined],
    ["-5", date, undefined],
    ["1.5", undefined, undefined],
    [undefined, date, undefined],
  ],
  (header, at, expected) => assert.equal(retryAfterSeconds(header, at), expected),
);

table<[unknown, string]>(
  "status words",
  [
    ["Succeeded", "Succeeded"],
    ["SUCCEEDED", "Succeeded"],
    ["Failed", "Failed"],
    ["Canceled", "Canceled"],
    ["cancelled", "Canceled"],
    ["InProgress", "InProgress"],
    ["Updating", "InProgress"],
    ["SomethingNew", "InProgress"],
    [undefined, "InProgress"],
    [null, "InProgress"],
    [7, "InProgress"],
  ],
  (word, expected) => assert.equal(stateOf(word), expected),
);

const resource = (own: string | undefined, ...links: string[]) => ({
  properties: {
    ...(own ? { provisioningState: own } : {}),
    vpnLinkConnections: links.map((provisioningState) => ({ properties: { provisioningState } })),
  },
});
table<[unknown, string]>(
  "state of a connection and its links",
  [
    [resource("Succeeded"), "Succeeded"],
    [resource("Succeeded", "Succeeded", "Succeeded"), "Succeeded"],
    [resource("Succeeded", "Updating"), "InProgress"],
    [resource("Succeeded", "Failed"), "Failed"],
    [resource("Failed", "Updating"), "InProgress"],
    [resource("Deleting"), "InProgress"],
    [resource("Succeeded", "Canceled"), "Canceled"],
    [{ properties: { provisioningState: "Succeeded", vpnLinkConnections: [{ properties: {} }] } }, "Succeeded"],
    [undefined, "InProgress"],
  ],
  (body, expected) => assert.equal(connectionStateOf(body), expected),
);

const answer = (status: number, body: unknown = "", headers: Record<string, string> = {}) => ({
  status,
  headers,
  text: typeof body === "string" ? body : JSON.stringify(body),
});
const error = (code: string) => ({ error: { code, message: "m", details: [{ code: "Inner" }] } });
table<[number, unknown, string, string | undefined]>(
  "what an error answer means",
  [
    [409, error("AnotherOperationInProgress"), "GatewayBusy", "busy"],
    [429, error("RetryableErrorDueToAnotherOperation"), "GatewayBusy", "busy"],
    [400, error("ReferencedResourceNotProvisioned"), "GatewayBusy", "busy"],
    [429, error("TooManyRequests"), "ServiceUnavailable", "transient"],
    [408, "", "ServiceUnavailable", "transient"],
    [500, "<html>", "ServiceUnavailable", "transient"],
    [503, error("ServerTimeout"), "ServiceUnavailable", "transient"],
    [504, "", "ServiceUnavailable", "transient"],
    [599, "", "ServiceUnavailable", "transient"],
    [401, error("InvalidAuthenticationToken"), "NotAuthorized", "unauthorized"],
    [401, "", "NotAuthorized", "unauthorized"],
    [409, "", "RequestRefused", "transient"],
    [412, error("PreconditionFailed"), "RequestRefused", "transient"],
    [429, error("RetryableError"), "GatewayBusy", "busy"],
    [400, wrapped("ReferencedResourceNotProvisioned"), "GatewayBusy", "busy"],
    [403, error("LinkedAccessCheckFailed"), "NotAuthorized", undefined],
    [400, error("QuotaExceeded"), "QuotaExceeded", undefined],
    [409, error("VpnConnectionCountLimitReached"), "QuotaExceeded", undefined],
    [410, "", "NotFound", undefined],
    [403, error("AuthorizationFailed"), "NotAuthorized", undefined],
    [409, error("ScopeLocked"), "NotAuthorized", undefined],
    [403, error("RequestDisallowedByPolicy"), "NotAuthorized", undefined],
    [404, error("ResourceNotFound"), "NotFound", undefined],
    [400, error("VpnConnectionPropertyIsDeprecated"), "RequestRefused", undefined],
    [418, "", "RequestRefused", undefined],
    [301, "", "RequestRefused", undefined],
  ],
  (status, body, code, later) => {
    const settled = refusalOf(answer(status, body, { "retry-after": "7" }), "do it", keyFilterOf([]));
    if (later)
      assert.ok(
        "later" in settled && settled.later.class === later && settled.later.problem.code === code && settled.later.afterSeconds === 7,
      );
    else assert.ok("problem" in settled && settled.problem.code === code && settled.problem.arm?.status === status);
  },
);

/** An error as Resource Manager wraps what a provider says: JSON inside the message. */
function wrapped(code: string) {
  const inner = JSON.stringify({ error: { code, message: "inner", details: [] } });
  return { error: { code: "DeploymentFailed", message: `At least one resource failed. Details: ${inner}`, details: [] } };
}

test("who asks for rights is told all of them, and who meets a policy its name", () => {
  const messageOf = (body: unknown) => {
    const settled = refusalOf(answer(403, body), "do it", keyFilterOf([]));
    return "problem" in settled ? settled.problem.message : "";
  };
  const all = messageOf(error("LinkedAccessCheckFailed"));
  for (const right of ["vpnConnections/write", "hubRouteTables/read", "routeMaps/read", "vpnSites/read", "natRules/read"])
    assert.ok(all.includes(right), right);
  const additionalInfo = [
    { type: "PolicyViolation", info: { policyDefinitionDisplayName: "No VPN in Europe", policyAssignmentName: "a1" } },
  ];
  assert.match(
    messageOf({ error: { code: "RequestDisallowedByPolicy", message: "m", additionalInfo } }),
    /The policy is No VPN in Europe, a1\./,
  );
  assert.ok(!messageOf(error("AuthorizationFailed")).includes("vpnSites/read"));
});

const hints: readonly (readonly [text: unknown, seconds: number | undefined])[] = [
  ["The request can be retried in 14 seconds.", 14],
  ["Please retry after 2 minutes", 120],
  ["Too many requests, try again in 30 secs", 30],
  [{ details: [{ message: "retry after 5 seconds" }, { innererror: { message: "it can be retried in 40 seconds" } }] }, 40],
  ["The 3 links failed in 7 seconds", undefined],
  ["retry later", undefined],
  ["retry after 999999 seconds", undefined],
  [null, undefined],
];
for (const [text, seconds] of hints) {
  test(`the hint in ${JSON.stringify(text)} is ${seconds} s`, () => {
    assert.equal(hintedSeconds(text), seconds);
    const settled = refusalOf(answer(429, { error: { code: "X", message: text } }), "do it", keyFilterOf([]));
    assert.equal("later" in settled ? settled.later.afterSeconds : "final", typeof text === "string" || text ? seconds : undefined);
  });
}

test("a hint in a message gives way to the header, and counts on errors only", () => {
  const hint = { error: { code: "X", message: "retry after 90 seconds" } };
  assert.equal(waitOf(answer(429, hint, { "retry-after": "3" })), 3);
  assert.equal(waitOf(answer(200, hint)), undefined);
});

test("how an operation failed says whether the same change may succeed later", () => {
  const arm = (code: string | null, message = "m") => ({ status: 200, code, message, details: [] });
  for (const code of ["InternalServerError", "AnotherOperationInProgress", "RetryableError", "GatewayTimeout"])
    assert.ok(mayPass(arm(code)), code);
  for (const code of ["InvalidConnectedSiteId", "InvalidAssociatedRouteTable", "QuotaExceeded", null])
    assert.ok(!mayPass(arm(code)), String(code));
});

test("the whole tree of an error is kept", () => {
  const tree = {
    code: "X",
    message: "m",
    target: "t",
    details: [{ code: "Y", target: "u" }],
    innererror: { code: "Z" },
    additionalInfo: [{ type: "P" }],
  };
  assert.deepEqual(armErrorOf(answer(400, { error: tree })), { status: 400, ...tree });
  assert.deepEqual(errorCodes(armErrorOf(answer(400, { error: tree }))), ["X", "Y", "Z"]);
});

test("what Azure said is kept word for word", () => {
  assert.deepEqual(armErrorOf(answer(400, error("X"))), { status: 400, code: "X", message: "m", details: [{ code: "Inner" }] });
  assert.deepEqual(armErrorOf(answer(502, "<html>")), { status: 502, code: null, message: null, details: [] });
  assert.equal(waitOf(answer(429, "", { "retry-after": "3" })), 3);
});

test("a call without an answer is tried again, and its error is named without its text", () => {
  const settled = noAnswer("put it", Object.assign(new Error("connect to https://secret"), { code: "ECONNRESET" }));
  assert.ok("later" in settled && settled.later.class === "transient");
  assert.match(settled.later.problem.message, /\(ECONNRESET\)/);
  assert.ok(!settled.later.problem.message.includes("secret"));
});

test("every problem code says who must act, and rejections are never retryable", () => {
  for (const [code, { actor, retryable }] of Object.entries(problemCodes)) {
    const made = problem(code as keyof typeof problemCodes, "m");
    assert.deepEqual(made, { code, message: "m", actor, retryable, details: [] });
    const outcomes = { RequestCancelled: "Cancelled" } as Record<string, string>;
    const expected = outcomes[code] ?? (rejected.includes(code) ? "Rejected" : "Failed");
    assert.equal(outcomeOf(made.code), expected, code);
  }
});

test("ids: a known instance, its correlation, and the resources", () => {
  assert.equal(
    instanceIdOf("/ticketing/servicenow", "6f1c2f1e-5b0c-4c3a-9d0e-2f4a7c1d8b60"),
    "vpn-6fec4dfa1dcd8d54cacabf83fa04c7a71aa91596",
  );
  assert.notEqual(instanceIdOf("a\nb", "c"), instanceIdOf("a", "b\nd"));
  assert.equal(correlationIdOf("vpn-6fec4dfa1dcd8d54cacabf83fa04c7a71aa91596"), "6fec4dfa-1dcd-8d54-caca-bf83fa04c7a7");
  const target = { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "g", connectionName: "c" };
  assert.equal(gatewayId(target), "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/vpnGateways/g");
  assert.equal(connectionId(target), `${gatewayId(target)}/vpnConnections/c`);
});

test("findings: pointers are escaped, order is stable, lists are cut with a word", () => {
  assert.equal(jsonPointer(["a/b", "c~d", 0]), "/a~1b/c~0d/0");
  const finding = (target: string, code: string): Finding => ({ target, code, severity: "error", message: "", actor: "requester" });
  const sorted = inOrder([finding("/b", "X"), finding("/a", "Z"), finding("/a", "Y")]);
  assert.deepEqual(
    sorted.map(({ target, code }) => target + code),
    ["/aY", "/aZ", "/bX"],
  );
  const cut = atMost(sorted, 1);
  assert.deepEqual([cut.length, cut[1]?.code, cut[1]?.message], [2, "Truncated", "2 more findings were left out."]);
  assert.equal(atMost(sorted, 3), sorted);
});

test("jitter is spread over its range and depends on its text alone", () => {
  const drawn = Array.from({ length: 1000 }, (_, index) => jitterOf(`vpn-${index}/putConnection/1`));
  assert.ok(drawn.every((value) => value >= 0 && value < 1));
  const tenths = new Set(drawn.map((value) => Math.floor(value * 10)));
  assert.equal(tenths.size, 10);
  assert.equal(jitterOf("a"), jitterOf("a"));
});
