import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceManager } from "../../../azure/resource-manager.ts";
import { putConnection } from "../../../functions/activities/put-connection.ts";
import { validateRequest } from "../../../functions/activities/validate-request.ts";
import { createStoredConnection } from "../../../local/azure/resource-manager/defaults.ts";
import type { ArmResponse } from "../../../shared/arm/response.ts";
import { noKeys } from "../../../shared/durable/connection-keys.ts";
import type { ProvisioningRequest } from "../../../shared/durable/request.ts";
import { policySchema } from "../../../shared/policy.ts";
import { connectionId } from "../../../shared/resource-id.ts";
import { sealSecrets } from "../../../shared/secrets/sealing.ts";
import { everyTarget } from "../../support/allowed.ts";
import { noNotes } from "../../support/notes.ts";

// A request that a client wrote in another form, from its seal to the PUT: what is judged,
// compared and sent is the same.

const keys = new Map([["k1", Buffer.alloc(32, 3)]]);
const target = {
  subscriptionId: "7c0e5b1a-2d43-4f68-8a97-b1c2d3e4f506",
  resourceGroupName: "rg1",
  gatewayName: "gateway1",
  connectionName: "c1",
};
const group = `/subscriptions/${target.subscriptionId}/resourceGroups/rg1`;
const of = (path: string) => ({ id: `${group}/providers/Microsoft.Network/${path}` });

const link = { vpnSiteLink: of("vpnSites/site1/vpnSiteLinks/l1"), sharedKey: "Branch0042Key" };
const policy = { saLifeTimeSeconds: 3600, ipsecEncryption: "AES256", ipsecIntegrity: "SHA256", ikeIntegrity: "SHA256" };
const written = {
  etag: "x",
  location: null,
  properties: {
    remoteVpnSite: { ...of("vpnSites/site1"), resourceGroup: "rg1" },
    sharedKey: "",
    connectionBandwidth: null,
    routingConfiguration: null,
    vpnLinkConnections: [
      {
        name: "link1",
        properties: {
          ...link,
          connectionStatusDetails: [],
          routingWeight: null,
          vpnConnectionProtocolType: "IKEV2",
          ipsecPolicies: [{ ...policy, ikeEncryption: "aes256", dhGroup: "dhgroup14", pfsGroup: "PFS14" }],
        },
      },
    ],
  },
};
const sent = {
  properties: {
    remoteVpnSite: of("vpnSites/site1"),
    vpnLinkConnections: [
      {
        name: "link1",
        properties: {
          ...link,
          vpnConnectionProtocolType: "IKEv2",
          ipsecPolicies: [{ ...policy, ikeEncryption: "AES256", dhGroup: "DHGroup14", pfsGroup: "PFS14", saDataSizeKilobytes: 0 }],
        },
      },
    ],
  },
};

/** Validates and submits the request. Returns what Azure got and what the activity returned. */
async function submit(existing: object | undefined) {
  const puts: unknown[] = [];
  const response = (status: number, body: object, headers: Record<string, string> = {}): ArmResponse => ({
    status,
    headers,
    text: JSON.stringify(body),
  });
  const resourceManager = {
    getConnection: async () => (existing ? response(200, existing) : response(404, { error: { code: "NotFound", message: "none" } })),
    putConnection: async (_: unknown, body: unknown) => {
      puts.push(body);
      return response(201, { properties: { provisioningState: "Updating" } }, { "azure-asyncoperation": "https://arm.example/op" });
    },
    isOwn: () => true,
  } as unknown as ResourceManager;
  const request = {
    instanceId: "vpn-1",
    requestId: "r1",
    requestSource: "/tests",
    type: null,
    data: JSON.stringify(sealSecrets({ target, connection: written }, "vpn-1", keys)),
    ticket: null,
    policy: policySchema.parse({}),
    attempt: 1,
  } as unknown as ProvisioningRequest & { attempt: number };
  const log = () => {};
  const invocation = undefined as never;
  const validated = await validateRequest({ resourceManager, preflightMode: "off", keys, allowed: everyTarget, now: () => new Date() })(
    request,
    log,
    invocation,
  );
  assert.ok("ok" in validated, JSON.stringify(validated));
  const { connection, desired } = validated.ok;
  const noVault = { readSecret: async () => Promise.reject(new Error("no vault is read")) };
  const input = { ...connection, requestSource: "/tests", requestType: null, desired, remembered: noKeys, attempt: 1 };
  const settled = await putConnection({ resourceManager, keyVault: noVault, keys, isAlive: async () => true, notes: noNotes })(
    input,
    log,
    invocation,
  );
  assert.ok("ok" in settled, JSON.stringify(settled));
  return { puts, sealed: Object.keys(connection.sealed), result: settled.ok };
}

test("Azure gets each value as it spells it, and nothing that was not given", async () => {
  const { puts, sealed } = await submit(undefined);
  assert.deepEqual(puts, [sent]);
  assert.deepEqual(sealed, ["/connection/properties/vpnLinkConnections/0/properties/sharedKey"]);
});

test("a connection that is as requested differs in its key alone, which no read shows", async () => {
  const existing = createStoredConnection(connectionId(target), `${group}/providers/Microsoft.Network/virtualHubs/h`, sent);
  const properties = { ...(existing as { properties: object }).properties, provisioningState: "Succeeded" };
  const { result } = await submit({ ...existing, properties });
  assert.deepEqual("diff" in result && result.diff?.map(({ change }) => change), ["key"]);
});
