import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceManager } from "../../../azure/resource-manager.ts";
import { readConnectionState } from "../../../functions/activities/read-connection-state.ts";
import type { ArmResponse } from "../../../shared/arm/response.ts";

const target = { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "g", connectionName: "left" };

/** What the activity says of one answer of Resource Manager. */
function said(given: Partial<ArmResponse> & { body?: unknown }) {
  const { status = 200, headers = {}, body = {} } = given;
  const resourceManager = { getConnection: async () => ({ status, headers, text: JSON.stringify(body) }) } as unknown as ResourceManager;
  const input = { instanceId: "vpn-6fec4dfa1dcd8d54cacabf83fa04c7a71aa91596", target, sealed: {}, attempt: 1 };
  return readConnectionState({ resourceManager, keys: new Map() })(input, () => {}, undefined as never);
}
const shown = (provisioningState: string) => ({ name: "left", id: "/left", properties: { provisioningState } });

test("a connection is settled when nothing changes it: it has succeeded, failed or is not there", async () => {
  for (const [given, settled] of [
    [{ body: shown("Succeeded") }, true],
    [{ body: shown("Failed") }, true],
    [{ body: shown("Updating") }, false],
    [{ body: shown("Deleting") }, false],
    [{ status: 404 }, true],
  ] as const)
    assert.deepEqual(await said(given), { ok: { settled, retryAfterSeconds: null } }, JSON.stringify(given));
});

test("the service says when to look again", async () => {
  assert.deepEqual(await said({ body: shown("Updating"), headers: { "retry-after": "17" } }), {
    ok: { settled: false, retryAfterSeconds: 17 },
  });
});

test("an answer that is no connection is no sign that it is settled", async () => {
  assert.deepEqual(await said({ body: "a page of a proxy" }), { ok: { settled: false, retryAfterSeconds: null } });
});

test("what the service refuses is told, what it cannot do now is tried later, and both are noted", async () => {
  const refused = await said({ status: 403, body: { error: { code: "AuthorizationFailed", message: "no" } } });
  assert.ok("problem" in refused || "later" in refused);
  const busy = await said({ status: 503, headers: { "retry-after": "9" } });
  assert.ok("later" in busy && busy.later.afterSeconds === 9);
  for (const settled of [refused, busy]) assert.equal(settled.attempts?.[0]?.action, "get");
});
