import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { setDefaultCACertificates } from "node:tls";
import fc from "fast-check";
import { createResourceManager, type ResourceManager } from "../../azure/resource-manager.ts";
import { startIdentity } from "../../local/azure/identity.ts";
import { readSettings } from "../../shared/settings.ts";
import { startHttpsEndpoint, type WireAnswer } from "../support/https-endpoint.ts";

// The real SDK over real TLS against an endpoint that answers as it is told: what goes out, and
// what comes back.

const target = { subscriptionId: "subid", resourceGroupName: "rg (1)", gatewayName: "gateway1", connectionName: "vpnConnection1" };
const path =
  "/subscriptions/subid/resourceGroups/rg%20%281%29/providers/Microsoft.Network/vpnGateways/gateway1/vpnConnections/vpnConnection1?api-version=2024-03-01";
const correlationId = "0f1e2d3c-4b5a-4968-8776-655443322110";
const callIds = { correlationId, clientRequestId: "1a2b3c4d-0000-4000-8000-000000000001" };

let next: WireAnswer = { status: 200, body: {} };
let tokensIssued = 0;
let endpoint: Awaited<ReturnType<typeof startHttpsEndpoint>>;
let identity: Awaited<ReturnType<typeof startIdentity>>;
let resourceManager: ResourceManager;

before(async () => {
  endpoint = await startHttpsEndpoint(() => next);
  identity = await startIdentity({
    issue: (audience) => {
      tokensIssued++;
      return { token: `token-${tokensIssued}-for-${audience}`, expiresOn: Math.floor(Date.now() / 1000) + 86_400 };
    },
    faultOf: () => undefined,
  });
  setDefaultCACertificates([endpoint.ca]);
  Object.assign(process.env, {
    IDENTITY_ENDPOINT: identity.endpoint,
    IDENTITY_HEADER: identity.header,
    AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential",
  });
  resourceManager = createResourceManager(
    readSettings({
      ServiceBus: "Endpoint=sb://unused/",
      ARM_ENDPOINT: endpoint.url,
      SEALING_KEYS: JSON.stringify({ k1: randomBytes(32).toString("base64") }),
    }),
  );
});
after(async () => {
  await endpoint.close();
  await identity.close();
});
beforeEach(() => endpoint.asked.splice(0));

const body = JSON.parse(readFileSync(join(import.meta.dirname, "../../examples/reference-sample.json"), "utf8")).data.connection;

test("GET and PUT carry the pinned api-version, our correlation id, one bearer token of the right audience, and the body as it is", async () => {
  next = { status: 200, body: { name: "x" } };
  await resourceManager.getConnection(target, callIds);
  await resourceManager.putConnection(target, body, callIds);
  await resourceManager.getConnection(target, callIds);
  assert.deepEqual(
    endpoint.asked.map(({ method, url }) => `${method} ${url}`),
    [`GET ${path}`, `PUT ${path}`, `GET ${path}`],
  );
  assert.deepEqual(JSON.parse(endpoint.asked[1]?.text ?? ""), body);
  for (const { headers } of endpoint.asked) {
    assert.equal(headers["x-ms-correlation-request-id"], correlationId);
    assert.equal(headers["x-ms-client-request-id"], callIds.clientRequestId);
    assert.equal(headers.authorization, `Bearer token-1-for-${endpoint.url}`);
  }
  assert.equal(tokensIssued, 1, "one token serves every call");
});

test("an operation URL of 3 KB is asked byte for byte, with the same token and without another api-version", async () => {
  next = { status: 200, body: { status: "InProgress" }, headers: { "retry-after": "7" } };
  const signature = `t=${randomBytes(24).toString("hex")}&c=${"MIIH%2b%2B+/=a%7E".repeat(180)}&s=%c3%A9~!$()*,;:@[]|&&empty=&api-version=2099-01-01`;
  const query = `/subscriptions/subid/providers/Microsoft.Network/locations/westus/operations/1?${signature}`;
  const answer = await resourceManager.getOperation(`${endpoint.url}${query}`, callIds);
  assert.ok(query.length > 3_000);
  assert.equal(endpoint.asked[0]?.url, query);
  assert.equal(endpoint.asked[0]?.headers.authorization, `Bearer token-1-for-${endpoint.url}`);
  assert.deepEqual([answer.status, answer.text, answer.headers["retry-after"]], [200, '{"status":"InProgress"}', "7"]);
});

const answers: readonly (readonly [name: string, given: WireAnswer])[] = [
  ["no content", { status: 204 }],
  ["accepted without a body", { status: 202, headers: { "azure-asyncoperation": "https://x/y", location: "https://x/z" } }],
  ["an ARM error", { status: 409, body: { error: { code: "AnotherOperationInProgress", message: "m", details: [{ a: 1 }] } } }],
  ["throttling", { status: 429, headers: { "retry-after": "1" }, body: { error: { code: "X", message: "m" } } }],
  ["an outage in HTML", { status: 503, headers: { "content-type": "text/html" }, body: "<html>Service Unavailable</html>" }],
  ["an empty outage", { status: 500 }],
  ["a success that is no JSON", { status: 200, headers: { "content-type": "text/html" }, body: "<html>portal</html>" }],
  ["a success with broken JSON", { status: 200, body: '{"name": ' }],
  ["a redirect", { status: 307, headers: { location: "/elsewhere" } }],
  ["a permanent redirect", { status: 308, headers: { location: "/elsewhere" } }],
  [
    "a challenge",
    { status: 401, headers: { "www-authenticate": 'Bearer authorization_uri="https://evil.example"' }, body: { error: { code: "E" } } },
  ],
  [
    "fields of another type than the model's",
    { status: 200, body: { name: 7, properties: { vpnLinkConnections: "none", routingWeight: "x" } } },
  ],
];
for (const [name, given] of answers) {
  for (const verb of ["getConnection", "putConnection", "getOperation"] as const) {
    test(`${verb} answered by ${name}: asked once, and handed over as it came`, async () => {
      next = given;
      const answer =
        verb === "getOperation"
          ? await resourceManager.getOperation(`${endpoint.url}/op`, callIds)
          : verb === "putConnection"
            ? await resourceManager.putConnection(target, body, callIds)
            : await resourceManager.getConnection(target, callIds);
      const { status, headers = {}, body: text = "" } = given as Exclude<WireAnswer, string>;
      assert.equal(answer.status, status);
      assert.equal(answer.text, typeof text === "string" ? text : JSON.stringify(text));
      for (const [header, value] of Object.entries(headers)) assert.equal(answer.headers[header], value);
      assert.equal(endpoint.asked.length, 1, "the SDK neither tries again nor follows");
    });
  }
}

for (const verb of ["getConnection", "putConnection"] as const) {
  test(`${verb} on a connection that breaks throws, after one try`, async () => {
    next = "reset";
    const call =
      verb === "putConnection" ? resourceManager.putConnection(target, body, callIds) : resourceManager.getConnection(target, callIds);
    await assert.rejects(call);
    assert.equal(endpoint.asked.length, 1);
  });
}

test("only URLs of the configured origin are its own", () => {
  const own = [`${endpoint.url}/op`, endpoint.url.replace("https", "HTTPS")];
  const foreign = [
    endpoint.url.replace("https", "http"),
    `${endpoint.url}.evil.example/op`,
    `https://evil.example/${endpoint.url}`,
    endpoint.url.replace("://", "://evil.example@x."),
    endpoint.url.replace(/\d+$/, "1"),
    "/op",
    "",
    "not a url",
  ];
  for (const url of own) assert.ok(resourceManager.isOwn(url), url);
  for (const url of foreign) assert.ok(!resourceManager.isOwn(url), url);
});

/** Every field of the reference's request body, with every shape of value it may have. */
const id = fc.stringMatching(/^\/subscriptions\/[a-z0-9/]{1,30}$/).map((text) => ({ id: text }));
const ids = fc.array(id, { maxLength: 3 });
const optional = <T extends Record<string, fc.Arbitrary<unknown>>>(model: T) => fc.record(model, { requiredKeys: [] });
const ipsecPolicies = fc.array(
  fc.record({
    saLifeTimeSeconds: fc.nat(),
    saDataSizeKilobytes: fc.nat(),
    ipsecEncryption: fc.constantFrom("AES256", "GCMAES256"),
    ipsecIntegrity: fc.constantFrom("SHA256", "GCMAES256"),
    ikeEncryption: fc.constantFrom("AES256"),
    ikeIntegrity: fc.constantFrom("SHA384"),
    dhGroup: fc.constantFrom("DHGroup14", "None"),
    pfsGroup: fc.constantFrom("PFS2", "None"),
  }),
  { maxLength: 2 },
);
const selectors = fc.array(fc.record({ localAddressRanges: fc.array(fc.string()), remoteAddressRanges: fc.array(fc.string()) }), {
  maxLength: 2,
});
const link = fc.record({
  name: fc.string({ minLength: 1, maxLength: 10 }),
  properties: optional({
    vpnSiteLink: id,
    routingWeight: fc.nat(),
    vpnLinkConnectionMode: fc.constantFrom("Default", "ResponderOnly", "InitiatorOnly"),
    connectionBandwidth: fc.nat(),
    vpnConnectionProtocolType: fc.constantFrom("IKEv1", "IKEv2"),
    sharedKey: fc.string({ minLength: 1 }),
    enableBgp: fc.boolean(),
    enableRateLimiting: fc.boolean(),
    useLocalAzureIpAddress: fc.boolean(),
    usePolicyBasedTrafficSelectors: fc.boolean(),
    dpdTimeoutSeconds: fc.nat(),
    ipsecPolicies,
    ingressNatRules: ids,
    egressNatRules: ids,
    vpnGatewayCustomBgpAddresses: fc.array(fc.record({ ipConfigurationId: fc.string(), customBgpIpAddress: fc.ipV4() }), { maxLength: 2 }),
  }),
});
const connection = fc.record({
  properties: optional({
    remoteVpnSite: id,
    routingWeight: fc.nat(),
    dpdTimeoutSeconds: fc.nat(),
    vpnConnectionProtocolType: fc.constantFrom("IKEv1", "IKEv2"),
    connectionBandwidth: fc.nat(),
    sharedKey: fc.string({ minLength: 1 }),
    enableBgp: fc.boolean(),
    enableRateLimiting: fc.boolean(),
    enableInternetSecurity: fc.boolean(),
    useLocalAzureIpAddress: fc.boolean(),
    usePolicyBasedTrafficSelectors: fc.boolean(),
    ipsecPolicies,
    trafficSelectorPolicies: selectors,
    vpnLinkConnections: fc.array(link, { maxLength: 3 }),
    routingConfiguration: optional({
      associatedRouteTable: id,
      inboundRouteMap: id,
      outboundRouteMap: id,
      propagatedRouteTables: optional({ labels: fc.array(fc.string()), ids }),
      vnetRoutes: optional({
        staticRoutes: fc.array(optional({ name: fc.string(), addressPrefixes: fc.array(fc.string()), nextHopIpAddress: fc.ipV4() }), {
          maxLength: 2,
        }),
        staticRoutesConfig: optional({ vnetLocalRouteOverrideCriteria: fc.constantFrom("Contains", "Equal") }),
      }),
    }),
  }),
});

test("whatever body the contract lets through goes over the wire as it is: nothing added, nothing dropped", async () => {
  next = { status: 200, body: {} };
  await fc.assert(
    fc.asyncProperty(connection, async (desired) => {
      endpoint.asked.splice(0);
      await resourceManager.putConnection(target, desired, callIds);
      assert.deepEqual(JSON.parse(endpoint.asked[0]?.text ?? ""), JSON.parse(JSON.stringify(desired)));
    }),
    { numRuns: 200 },
  );
});
