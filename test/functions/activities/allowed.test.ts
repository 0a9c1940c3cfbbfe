import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceManager } from "../../../azure/resource-manager.ts";
import { validateRequest } from "../../../functions/activities/validate-request.ts";
import { policySchema } from "../../../shared/policy.ts";
import { everyTarget } from "../../support/allowed.ts";
import { sampleEvent } from "../../support/sample.ts";

const host = "one.vault.azure.net";
const settings = { ...everyTarget, KEY_VAULT_ALLOWED_HOSTS: [host] };

/** Validates the sample with a key from a vault; tells how often Azure was read. */
async function validated(allowed: Parameters<typeof validateRequest>[0]["allowed"], secret = "vpn-1", mode = "apply", more: object = {}) {
  let reads = 0;
  const resourceManager = { getResource: async () => Promise.reject(new Error(`read ${++reads}`)) } as unknown as ResourceManager;
  const { data, source } = sampleEvent((event) => {
    const [link = assert.fail()] = event.data.connection.properties.vpnLinkConnections;
    Object.assign(link.properties, { sharedKey: { keyVaultSecretUri: `https://${host}/secrets/${secret}` } });
    Object.assign(event.data, { mode });
  });
  const { ticket: _, ...rest } = data;
  const request = {
    instanceId: "vpn-1",
    requestId: "r",
    requestSource: source,
    type: null,
    data: JSON.stringify(rest),
    ticket: null,
    fingerprints: [],
    receivedAt: "2026-01-01T00:00:00.000Z",
    sequenceNumber: "1",
    queue: "requests",
    replySessionId: null,
    traceparent: null,
    policy: policySchema.parse({}),
    attempt: 1,
    ...more,
  };
  const settled = await validateRequest({ resourceManager, preflightMode: "enforce", allowed, keys: new Map(), now: () => new Date() })(
    request,
    () => {},
    undefined as never,
  );
  return { settled, reads };
}
const targets = (prefix: string, id: string) => ({ ...settings, ALLOWED_TARGETS: new Map([[prefix, [id]]]) });

test("what a source may not change is refused before anything is read in Azure, a plan too", async () => {
  for (const mode of ["apply", "plan"]) {
    const { settled, reads } = await validated(targets("/portal", "/subscriptions/subid"), "vpn-1", mode);
    assert.ok("problem" in settled && settled.problem.code === "TargetNotAllowed");
    assert.equal(reads, 0);
  }
});

test("a secret that requests may not name is refused before anything is read in Azure, a plan too", async () => {
  for (const mode of ["apply", "plan"]) {
    const { settled, reads } = await validated(settings, "prod-database-password", mode);
    assert.ok("problem" in settled && settled.problem.code === "SecretNotAllowed");
    assert.match(String(settled.problem.target), /^\/connection\/properties\/vpnLinkConnections\/0\/.*keyVaultSecretUri$/);
    assert.equal(reads, 0);
  }
});

test("what is allowed goes on to Azure; what was noticed about its message comes back with the findings", async () => {
  const warning = { code: "ReplySessionIgnored", severity: "warning", target: "", message: "m", actor: "requester" };
  const { settled, reads } = await validated(targets("/ticketing", "/subscriptions/SUBID"), "vpn-1", "apply", { warnings: [warning] });
  assert.ok(reads > 0);
  assert.ok("ok" in settled && settled.ok.warnings.some(({ code }) => code === "ReplySessionIgnored"));
});
