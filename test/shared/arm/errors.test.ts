import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isTemporary, missingConnection, missingResponse, refusalOf } from "../../../shared/arm/errors.ts";
import { keyFilterOf } from "../../../shared/secrets/key-filter.ts";

const responseOf = (status: number, body: unknown = "", headers: Record<string, string> = {}) => ({
  status,
  headers,
  text: typeof body === "string" ? body : JSON.stringify(body),
});

const error = (code: string) => ({ error: { code, message: "m", details: [{ code: "Inner" }] } });

const rows: readonly (readonly [status: number, body: unknown, code: string, later: string | undefined])[] = [
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
  [404, error("ResourceNotFound"), "NotFound", "missing"],
  [400, error("VpnConnectionPropertyIsDeprecated"), "RequestRefused", undefined],
  [418, "", "RequestRefused", undefined],
  [301, "", "RequestRefused", undefined],
];
for (const [status, body, code, later] of rows) {
  test(`HTTP ${status} ${JSON.stringify(body)} is ${code}, ${later ?? "final"}`, () => {
    const settled = refusalOf(responseOf(status, body, { "retry-after": "7" }), "do it", keyFilterOf([]));
    if (later)
      assert.ok(
        "later" in settled && settled.later.class === later && settled.later.problem.code === code && settled.later.afterSeconds === 7,
      );
    else assert.ok("problem" in settled && settled.problem.code === code && settled.problem.arm?.status === status);
  });
}

/** Returns an error of a resource provider as Resource Manager wraps it: as JSON in the message. */
function wrapped(code: string) {
  const inner = JSON.stringify({ error: { code, message: "inner", details: [] } });
  return { error: { code: "DeploymentFailed", message: `At least one resource failed. Details: ${inner}`, details: [] } };
}

test("a missing right leads to the list of all rights, and a policy to its name", () => {
  const messageOf = (body: unknown) => {
    const settled = refusalOf(responseOf(403, body), "do it", keyFilterOf([]));
    return "problem" in settled ? settled.problem.message : "";
  };
  const all = messageOf(error("LinkedAccessCheckFailed"));
  // The role that is deployed has the same ones.
  const [, rights = ""] = /needs all of these: (.+)\.$/.exec(all) ?? [];
  const deployed = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "..", "infra", "gateway-actions.json"), "utf8")) as object;
  assert.deepEqual(rights.split(", ").sort(), Object.values(deployed).flat().sort());
  const additionalInfo = [
    { type: "PolicyViolation", info: { policyDefinitionDisplayName: "No VPN in Europe", policyAssignmentName: "a1" } },
  ];
  assert.match(messageOf({ error: { code: "RequestDisallowedByPolicy", message: "m", additionalInfo } }), /Policy: No VPN in Europe, a1\./);
  assert.ok(!messageOf(error("AuthorizationFailed")).includes("vpnSites/read"));
});

test("a wait in a message is the wait of the refusal", () => {
  const settled = refusalOf(responseOf(429, { error: { code: "X", message: "retry after 2 minutes" } }), "do it", keyFilterOf([]));
  assert.equal("later" in settled && settled.later.afterSeconds, 120);
});

test("an operation's error shows whether the same change may succeed later", () => {
  const arm = (code: string | null, message = "m") => ({ status: 200, code, message, details: [] });
  for (const code of ["InternalServerError", "AnotherOperationInProgress", "RetryableError", "GatewayTimeout"])
    assert.ok(isTemporary(arm(code)), code);
  for (const code of ["InvalidConnectedSiteId", "InvalidAssociatedRouteTable", "QuotaExceeded", null])
    assert.ok(!isTemporary(arm(code)), String(code));
});

test("a call without a response is tried again, and the problem does not repeat the error's message", () => {
  const settled = missingResponse("put it", Object.assign(new Error("connect to https://secret"), { code: "ECONNRESET" }));
  assert.ok("later" in settled && settled.later.class === "transient");
  assert.match(settled.later.problem.message, /\(ECONNRESET\)/);
  assert.ok(!settled.later.problem.message.includes("secret"));
});

test("a successful read without a connection is tried again", () => {
  const settled = missingConnection("read it");
  assert.ok("later" in settled && settled.later.class === "transient" && settled.later.problem.code === "ServiceUnavailable");
});
