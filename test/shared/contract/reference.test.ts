import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { setDefaultCACertificates } from "node:tls";
import { callIdsOf } from "../../../azure/call-ids.ts";
import { createResourceManager, type ResourceManager } from "../../../azure/resource-manager.ts";
import { startIdentity } from "../../../local/azure/identity.ts";
import { jsonPointer } from "../../../shared/contract/finding.ts";
import { validate } from "../../../shared/contract/validate.ts";
import { connectionId } from "../../../shared/resource-id.ts";
import { sealSecrets } from "../../../shared/secrets/sealing.ts";
import { readSettings } from "../../../shared/settings.ts";
import { startHttpsEndpoint } from "../../support/https-endpoint.ts";
import { openAllSecrets } from "../../support/open-all-secrets.ts";
import names from "./reference-names.json" with { type: "json" };

// Every name of the reference, one after the other: a request that uses it is valid, is sealed, and
// goes over the wire as it was written.

type Path = readonly (string | number)[];
const { uriParameters, enums } = names;
const models: Readonly<Record<string, Readonly<Record<string, string>>>> = names.models;
const readOnly: Readonly<Record<string, readonly string[]>> = names.readOnly;
const valuesOf: Readonly<Record<string, readonly string[]>> = enums;

const target = {
  subscriptionId: "0f1e2d3c-4b5a-4968-8776-655443322110",
  resourceGroupName: "rg(1)",
  gatewayName: "g",
  connectionName: "c",
};
const of = (path: string) => ({
  id: `/subscriptions/${target.subscriptionId}/resourceGroups/rg1/providers/Microsoft.Network/${path}`,
});

/** Where each model stands in a connection. */
const link: Path = ["properties", "vpnLinkConnections", 0];
const routing: Path = ["properties", "routingConfiguration"];
const places: Readonly<Record<string, readonly Path[]>> = {
  VpnConnection: [[]],
  VpnSiteLinkConnection: [link],
  IpsecPolicy: [
    ["properties", "ipsecPolicies", 0],
    [...link, "properties", "ipsecPolicies", 0],
  ],
  GatewayCustomBgpIpAddressIpConfiguration: [[...link, "properties", "vpnGatewayCustomBgpAddresses", 0]],
  TrafficSelectorPolicy: [["properties", "trafficSelectorPolicies", 0]],
  RoutingConfiguration: [routing],
  PropagatedRouteTable: [[...routing, "propagatedRouteTables"]],
  VnetRoute: [[...routing, "vnetRoutes"]],
  StaticRoute: [[...routing, "vnetRoutes", "staticRoutes", 0]],
  StaticRoutesConfig: [[...routing, "vnetRoutes", "staticRoutesConfig"]],
  SubResource: [["properties", "remoteVpnSite"]],
};

/** What a text may be, by its field; an id, by the field that refers. */
const texts: Readonly<Record<string, string>> = {
  "VpnConnection.id": connectionId(target),
  "VpnConnection.name": target.connectionName,
  "VpnSiteLinkConnection.id": `${connectionId(target)}/vpnLinkConnections/l`,
  ipConfigurationId: "Instance1",
  customBgpIpAddress: "169.254.21.5",
  nextHopIpAddress: "10.0.0.4",
  addressPrefixes: "10.0.0.0/8",
  localAddressRanges: "10.1.0.0/16",
  remoteAddressRanges: "10.2.0.0/16",
};
const references: Readonly<Record<string, object>> = {
  remoteVpnSite: of("vpnSites/s"),
  vpnSiteLink: of("vpnSites/s/vpnSiteLinks/l"),
  associatedRouteTable: of("virtualHubs/h/hubRouteTables/defaultRouteTable"),
  ids: of("virtualHubs/h/hubRouteTables/t"),
  inboundRouteMap: of("virtualHubs/h/routeMaps/in"),
  outboundRouteMap: of("virtualHubs/h/routeMaps/out"),
  egressNatRules: of("vpnGateways/g/natRules/out"),
  ingressNatRules: of("vpnGateways/g/natRules/in"),
  id: of("vpnSites/other"),
};

/** The values to try in a field. */
function samplesOf(model: string, field: string): unknown[] {
  const [type = "", list] = (models[model]?.[field] ?? "").split(/(\[\])/);
  const name = field.replace("properties.", "");
  const one = (): readonly unknown[] => {
    if (type === "integer") return [1024];
    if (type === "boolean") return [true, false];
    if (model === "SubResource") return [of("vpnSites/other").id];
    if (type === "string") return [texts[`${model}.${name}`] ?? texts[name] ?? "text"];
    return valuesOf[type] ?? [type === "SubResource" ? (references[name] ?? references["id"]) : full(type)];
  };
  return list ? one().map((value) => [value]) : [...one()];
}

/**
 * A model with every writable field, but for those that exclude each other: a connection has links
 * or what belongs to them.
 */
function full(model: string): Record<string, unknown> {
  const instance = {};
  for (const field of writable(model)) put(instance, field.split("."), samplesOf(model, field).at(-1));
  return instance;
}
const writable = (model: string) => Object.keys(models[model] ?? {}).filter((field) => !readOnly[model]?.includes(field));

/** The least that a model needs to be accepted. */
function least(model: string): Record<string, unknown> {
  if (model === "VpnConnection") return { properties: { remoteVpnSite: references["remoteVpnSite"] } };
  if (model === "VpnSiteLinkConnection") return { name: "l" };
  return ["IpsecPolicy", "GatewayCustomBgpIpAddressIpConfiguration", "TrafficSelectorPolicy", "SubResource"].includes(model)
    ? full(model)
    : {};
}

function put(holder: object, path: Path, value: unknown): void {
  const [key = "", ...rest] = path;
  const node = holder as Record<string | number, unknown>;
  node[key] = rest.length === 0 ? value : (node[key] ?? (typeof rest[0] === "number" ? [] : {}));
  if (rest.length > 0) put(node[key] as object, rest, value);
}

/** A connection in which one field of a model, in one place, has a value. */
function connectionWith(model: string, place: Path, field?: string, value?: unknown): Record<string, unknown> {
  const connection = least("VpnConnection");
  if (place.includes("vpnLinkConnections")) put(connection, link, least("VpnSiteLinkConnection"));
  if (place.length > 0) put(connection, place, { ...least(model) });
  if (field === undefined) return connection;
  put(connection, [...place, ...field.split(".")], value);
  // GCM is one algorithm for both halves of IPsec.
  if (/^ipsec(Encryption|Integrity)$/.test(field) && String(value).startsWith("GCM"))
    for (const half of ["ipsecEncryption", "ipsecIntegrity"]) put(connection, [...place, half], value);
  return structuredClone(connection);
}

let endpoint: Awaited<ReturnType<typeof startHttpsEndpoint>>;
let identity: Awaited<ReturnType<typeof startIdentity>>;
let resourceManager: ResourceManager;
before(async () => {
  endpoint = await startHttpsEndpoint(() => ({ status: 200, body: {} }));
  const token = { token: "t", expiresOn: Math.floor(Date.now() / 1000) + 86_400 };
  identity = await startIdentity({ issue: () => token, faultOf: () => undefined });
  setDefaultCACertificates([endpoint.ca]);
  const settings = { IDENTITY_ENDPOINT: identity.endpoint, IDENTITY_HEADER: identity.header };
  Object.assign(process.env, settings, { AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential" });
  const SEALING_KEYS = JSON.stringify({ k1: randomBytes(32).toString("base64") });
  resourceManager = createResourceManager(readSettings({ ServiceBus: "Endpoint=sb://unused/", ARM_ENDPOINT: endpoint.url, SEALING_KEYS }));
});
after(async () => {
  await endpoint.close();
  await identity.close();
});

const ring = new Map([["k1", randomBytes(32)]]);

/**
 * Takes a connection the whole way: what was found on it, and the JSON that arrived at the other
 * end.
 */
async function sent(connection: unknown) {
  const { valid, findings } = validate(sealSecrets({ target, connection }, "vpn-1", ring), null);
  assert.ok(valid, JSON.stringify(findings));
  assert.doesNotMatch(JSON.stringify(valid.desired), /"sharedKey":"/);
  const opened = openAllSecrets(valid.desired, ["connection"], "vpn-1", ring);
  endpoint.asked.splice(0);
  await resourceManager.putConnection(valid.target, opened, callIdsOf("vpn-1", "put", 0));
  assert.equal(endpoint.asked.length, 1);
  const [{ method, url, text } = assert.fail()] = endpoint.asked;
  return { findings, method, url, arrived: JSON.parse(text) as unknown };
}

for (const [model, fields] of Object.entries(models)) {
  for (const [field, type] of Object.entries(fields)) {
    const ignored = readOnly[model]?.includes(field);
    test(`${model} ${field} (${type}) ${ignored ? "is left out with a warning" : "reaches the wire unchanged"}`, async () => {
      const tried = (places[model] ?? assert.fail(model)).flatMap((place) => samplesOf(model, field).map((value) => ({ place, value })));
      assert.ok(tried.length > 0);
      for (const { place, value } of tried) {
        const written = connectionWith(model, place, field, value);
        const { findings, arrived } = await sent(written);
        assert.deepEqual(arrived, ignored ? connectionWith(model, place) : written);
        const pointer = jsonPointer(["connection", ...place, ...field.split(".")]);
        const left = findings.filter(({ code }) => code === "ReadOnlyFieldIgnored").map(({ target }) => target);
        assert.deepEqual(left, ignored ? [pointer] : []);
      }
    });
  }
}

test("every URI parameter is in the URI", async () => {
  const { method, url } = await sent(connectionWith("VpnConnection", []));
  const { pathname, searchParams } = new URL(url, endpoint.url);
  assert.equal(method, "PUT");
  assert.equal(decodeURIComponent(pathname), connectionId(target));
  assert.deepEqual([...Object.keys(target), ...searchParams.keys()], uriParameters);
});
