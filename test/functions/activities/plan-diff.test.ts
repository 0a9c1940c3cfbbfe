import assert from "node:assert/strict";
import { test } from "node:test";
import type { KeyVault } from "../../../azure/key-vault.ts";
import type { ResourceManager } from "../../../azure/resource-manager.ts";
import { planConnection } from "../../../functions/activities/plan-connection.ts";
import { putConnection } from "../../../functions/activities/put-connection.ts";
import { createStoredConnection } from "../../../local/azure/resource-manager/defaults.ts";
import { completionExamples } from "../../../schemas/completion-examples.ts";
import type { CompletionData } from "../../../shared/contract/completion.ts";
import { composeCompletion } from "../../../shared/contract/compose.ts";
import type { VpnConnection } from "../../../shared/contract/connection.ts";
import { noKeys } from "../../../shared/durable/connection-keys.ts";
import type { Target } from "../../../shared/resource-id.ts";
import { sealSecrets } from "../../../shared/secrets/sealing.ts";

// The plans of forty new sites, compared with what their PUTs then send, and plans against what
// Azure shows afterwards.

type Json = Record<string, unknown>;
const base = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";
const keys = new Map([["k1", Buffer.alloc(32, 7)]]);
const hub = `${base}/virtualHubs/hub1`;

/** The connection of one site: each has other properties, links and keys. */
function connectionOf(number: number): { properties: Json & { vpnLinkConnections?: { name: string; properties: Json }[] } } {
  const site = `${base}/vpnSites/site${number}`;
  const policy = {
    saLifeTimeSeconds: 3600 + number,
    saDataSizeKilobytes: 0,
    ipsecEncryption: "AES256",
    ipsecIntegrity: "SHA256",
    ikeEncryption: "AES256",
    ikeIntegrity: "SHA384",
    dhGroup: "DHGroup2048",
    pfsGroup: "PFS2048",
  };
  const tunnel = {
    sharedKey: `a-key-of-site-${number}`,
    routingWeight: number % 3,
    enableBgp: number % 2 === 0,
    ...(number % 4 === 0 ? { connectionBandwidth: 10 * number, ipsecPolicies: [policy] } : {}),
    ...(number % 5 === 0 ? { dpdTimeoutSeconds: 45, vpnConnectionProtocolType: "IKEv1" } : {}),
  };
  const links = Array.from({ length: number % 5 }, (_, index) => ({
    name: `Link-${index}`,
    properties: {
      ...tunnel,
      vpnSiteLink: { id: `${site}/vpnSiteLinks/${index}` },
      ...(index === 1 ? { egressNatRules: [{ id: `${base}/vpnGateways/gw/natRules/out` }], vpnLinkConnectionMode: "ResponderOnly" } : {}),
      ...(index === 2
        ? { vpnGatewayCustomBgpAddresses: [{ ipConfigurationId: "Instance0", customBgpIpAddress: `169.254.21.${number}` }] }
        : {}),
    },
  }));
  return {
    properties: {
      remoteVpnSite: { id: site },
      ...(number % 3 === 0 ? { enableInternetSecurity: number % 2 === 1, trafficSelectorPolicies: [] } : {}),
      ...(number % 3 === 1
        ? {
            routingConfiguration: {
              propagatedRouteTables: { labels: ["branches", `Site${number}`], ids: [{ id: `${hub}/hubRouteTables/t${number}` }] },
              inboundRouteMap: { id: `${hub}/routeMaps/in` },
              vnetRoutes: { staticRoutesConfig: { vnetLocalRouteOverrideCriteria: "Equal" } },
            },
          }
        : {}),
      ...(links.length === 0 ? tunnel : { vpnLinkConnections: links }),
    },
  };
}

const noKeyVault = undefined as unknown as KeyVault;
const answer = (status: number, body: object, headers: Json = {}) => ({ status, headers, text: JSON.stringify(body) });
function azureShowing(resource: object | undefined) {
  const sent: Json[] = [];
  const resourceManager = {
    getConnection: async () => (resource ? answer(200, resource) : answer(404, { error: { code: "NotFound" } })),
    putConnection: async (_: Target, body: Json) => {
      sent.push(body);
      return answer(
        201,
        { name: "c", properties: { provisioningState: "Updating" } },
        { "azure-asyncoperation": "https://arm/operations/1" },
      );
    },
    isOwn: () => true,
  } as unknown as ResourceManager;
  return { resourceManager, sent };
}
function inputOf(number: number, connection: object) {
  const target = { subscriptionId: "s", resourceGroupName: "g", gatewayName: "gw", connectionName: `site${number}` };
  const { connection: desired } = sealSecrets({ connection: structuredClone(connection) }, "vpn-1", keys) as { connection: VpnConnection };
  return { instanceId: "vpn-1", requestSource: "/test", requestType: null, target, desired, remembered: noKeys, attempt: 1 };
}
type Shown = { target: string; change: string; before: unknown; after: unknown };
async function planOf(number: number, connection: object, resource?: object) {
  const { resourceManager } = azureShowing(resource);
  const settled = await planConnection({ resourceManager, keyVault: noKeyVault, keys })(
    inputOf(number, connection) as never,
    () => {},
    {} as never,
  );
  assert.ok("ok" in settled, JSON.stringify(settled));
  return settled.ok as { change: string; diff: readonly Shown[] };
}
async function putOf(number: number, connection: object): Promise<Json> {
  const { resourceManager, sent } = azureShowing(undefined);
  const notes = { read: async () => undefined, write: async () => {} };
  const isAlive = async () => true;
  await putConnection({ resourceManager, keyVault: noKeyVault, keys, isAlive, notes } as never)(
    inputOf(number, connection) as never,
    () => {},
    {} as never,
  );
  assert.equal(sent.length, 1);
  return sent[0] ?? {};
}
/** The value of a body at a pointer of a diff. */
function valueAt(body: unknown, target: string): unknown {
  return target
    .split("/")
    .slice(1)
    .reduce<unknown>((node, key) => {
      if (Array.isArray(node)) return node.find((link: { name: string }) => link.name.toLowerCase() === key);
      return (node as Json | undefined)?.[key];
    }, body);
}
const withoutKeys = (value: unknown) => JSON.parse(JSON.stringify(value, (name, field) => (name === "sharedKey" ? undefined : field)));
/** Each property with its pointer: those of the connection, of routing, and of each link. */
function propertiesIn(body: Json): string[] {
  const isGroup = (name: string) => ["properties", "routingConfiguration", "vnetRoutes", "staticRoutesConfig"].includes(name);
  const walk = (node: Json, at: string): string[] =>
    Object.entries(node).flatMap(([name, value]) => {
      if (name === "vpnLinkConnections")
        return (value as { name: string; properties: Json }[]).flatMap((link) =>
          walk(link.properties, `${at}/${name}/${link.name.toLowerCase()}/properties`),
        );
      return isGroup(name) ? walk(value as Json, `${at}/${name}`) : [`${at}/${name}`];
    });
  return walk(body, "");
}

test("the plans of forty new sites have each property that their PUTs send, with its value; a key is only named", async () => {
  for (let number = 1; number <= 40; number++) {
    const connection = connectionOf(number);
    const { change, diff } = await planOf(number, connection);
    const body = await putOf(number, connection);
    assert.equal(change, "Created");
    const properties = diff.filter(({ target }) => !/vpnLinkConnections\/[^/]+$/.test(target));
    assert.deepEqual(properties.map(({ target }) => target).sort(), propertiesIn(body).sort(), `site ${number}`);
    for (const { target, change: kind, before, after } of diff) {
      assert.equal(before, null);
      if (kind === "key") assert.deepEqual([target.endsWith("/sharedKey"), after], [true, "unknown"]);
      else assert.deepEqual([kind, after], ["add", withoutKeys(valueAt(body, target))], target);
    }
    assert.ok(!JSON.stringify(diff).includes("a-key-of-site"), "no key is shown");
  }
});

test("after it was carried out, nothing but the unknown keys is left of a plan", async () => {
  for (let number = 1; number <= 40; number++) {
    const connection = connectionOf(number);
    const resource = createStoredConnection(`${base}/vpnGateways/gw/vpnConnections/site${number}`, hub, await putOf(number, connection));
    const shown = { ...resource, properties: { ...resource.properties, provisioningState: "Succeeded" } };
    const { diff } = await planOf(number, connection, shown);
    assert.deepEqual([...new Set(diff.map(({ change }) => change))], ["key"], JSON.stringify(diff));
  }
});

test("the completion of each plan has the whole diff", async () => {
  for (let number = 1; number <= 40; number++) {
    const { diff } = await planOf(number, connectionOf(number));
    const { ticket: _, ...data } = completionExamples().succeeded.data as unknown as CompletionData & { ticket: unknown };
    const about = { id: "1", target: null, traceparent: null, ticket: null, replySessionId: null };
    const { event } = composeCompletion({ ...about, data: { ...data, diff: diff as CompletionData["diff"] } });
    assert.deepEqual(event.data.diff, diff);
  }
});
