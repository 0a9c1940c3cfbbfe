import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceManager } from "../../../azure/resource-manager.ts";
import { validateRequest } from "../../../functions/activities/validate-request.ts";
import { policySchema } from "../../../shared/policy.ts";
import { sampleEvent } from "../../support/sample.ts";

// References to Key Vault are judged when a request is validated, before it waits for its gateway
// and before Azure is read.

const host = "one.vault.azure.net";
const allowed = { ALLOWED_TARGETS: null, KEY_VAULT_ALLOWED_HOSTS: [host], KEY_VAULT_ALLOWED_SECRETS: null };
const linkKey = "/data/connection/properties/vpnLinkConnections/0/properties/sharedKey/keyVaultSecretUri";

/** Validates the sample with a reference on its first link, and another one on the connection. */
async function judge(ofLink: string, ofConnection?: string, more: object = {}) {
  let reads = 0;
  const resourceManager = { getResource: async () => Promise.reject(new Error(`read ${++reads}`)) } as unknown as ResourceManager;
  const { data, source, type } = sampleEvent(({ data: { connection } }) => {
    const [link = assert.fail()] = connection.properties.vpnLinkConnections;
    Object.assign(link, { name: "link1" });
    Object.assign(link.properties, { sharedKey: { keyVaultSecretUri: ofLink } }, more);
    if (ofConnection !== undefined) Object.assign(connection.properties, { sharedKey: { keyVaultSecretUri: ofConnection } });
  });
  const { ticket: _, ...rest } = data;
  const request = {
    ...{ instanceId: "vpn-1", requestId: "r", requestSource: source, type, data: JSON.stringify(rest), ticket: null, fingerprints: [] },
    ...{ receivedAt: "2026-01-01T00:00:00.000Z", sequenceNumber: "1", queue: "requests", replySessionId: null, traceparent: null },
    ...{ policy: policySchema.parse({}), attempt: 1 },
  };
  const dependencies = { resourceManager, preflightMode: "enforce", allowed, keys: new Map(), now: () => new Date() } as const;
  const settled = await validateRequest(dependencies)(request, () => {}, undefined as never);
  const problem = "problem" in settled ? settled.problem : undefined;
  const errors = (problem?.details ?? []).filter(({ severity }) => severity === "error");
  return { problem, errors, reads };
}

test("a slash at the end is accepted", async () => {
  for (const uri of [`https://${host}/secrets/vpn-1/`, `https://${host}/secrets/vpn-1/${"0".repeat(32)}/`]) {
    const { problem, reads } = await judge(uri);
    assert.ok(reads > 0 && problem?.code !== "InvalidRequest" && problem?.code !== "SecretNotAllowed");
  }
});

test("another form is an error of the request, with link, field and the right form", async () => {
  for (const end of ["/keys/vpn-1", "/certificates/vpn-1", "/secrets/vpn-1?api-version=7.4", "/secrets/vpn-1#x", ":8443/secrets/vpn-1"]) {
    const { problem, errors, reads } = await judge(`https://${host}${end}`);
    assert.deepEqual([problem?.code, reads], ["InvalidRequest", 0], end);
    assert.deepEqual(
      errors.map(({ code, target }) => [code, target]).filter(([code]) => code === "SecretUriForm"),
      [["SecretUriForm", linkKey]],
    );
    const message = errors.find(({ code }) => code === "SecretUriForm")?.message ?? "";
    assert.match(message, /^Link 'link1': keyVaultSecretUri (?:has|is) .* The form is https:\/\/myvault\.vault\.azure\.net\/secrets\//);
  }
});

test("every vault and every secret that may not be used is told at once", async () => {
  const { problem, errors, reads } = await judge("https://two.vault.azure.net/secrets/vpn-1/", `https://${host}/secrets/branch-1`);
  assert.deepEqual([problem?.code, problem?.target, reads], ["SecretNotAllowed", errors[0]?.target, 0]);
  assert.deepEqual(
    errors.map(({ code, message }) => `${code}: ${message}`),
    [
      `SecretNotAllowed: Requests may not use the secret branch-1 of ${host}. Name a secret with an allowed name in keyVaultSecretUri, or ask the operator to allow this one.`,
      "SecretNotAllowed: Link 'link1': Keys may not be read from the vault two.vault.azure.net. Name another vault in keyVaultSecretUri, or ask the operator to allow this one.",
    ],
  );
});

test("a request with other errors is told of its vault together with them", async () => {
  const { problem, errors } = await judge("https://two.vault.azure.net/secrets/vpn-1", undefined, { enableBpg: true });
  assert.equal(problem?.code, "InvalidRequest");
  assert.deepEqual(errors.map(({ code }) => code).toSorted(), ["SecretNotAllowed", "UnknownField"]);
});
