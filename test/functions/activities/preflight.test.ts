import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceManager } from "../../../azure/resource-manager.ts";
import { type PreflightMode, runPreflight } from "../../../functions/activities/preflight.ts";
import { rememberReads } from "../../../functions/activities/remembered-reads.ts";
import { preflightRules } from "../../../shared/arm/preflight-rules.ts";
import type { ArmResponse } from "../../../shared/arm/response.ts";
import type { VpnConnection } from "../../../shared/contract/connection.ts";
import type { ValidRequest } from "../../../shared/contract/validate.ts";
import { keyFilterOf } from "../../../shared/secrets/key-filter.ts";
import { assertPlain } from "../../support/plain-text.ts";

// What is read of Azure before a request is carried out, and what is said about it.

const base = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
const site = `${base}/vpnSites/site`;
const gateway = `${base}/vpnGateways/g`;
const link = (name: string) => `${site}/vpnSiteLinks/${name}`;
const table = (name: string, hub = "hub") => `${base}/virtualHubs/${hub}/hubRouteTables/${name}`;
const map = (name: string, hub = "hub") => `${base}/virtualHubs/${hub}/routeMaps/${name}`;
const rule = (name: string) => `${gateway}/natRules/${name}`;

type Answer = ArmResponse | Error;
const answer = (status: number, body: unknown = {}): ArmResponse => ({ status, headers: {}, text: JSON.stringify(body) });
const refused = (status: number, code: string) => answer(status, { error: { code, message: "m" } });
const missing = refused(404, "ResourceNotFound");
const found = (properties: object = {}) => answer(200, { properties });

/** Everything that the request below names. */
const world: Readonly<Record<string, Answer>> = {
  [gateway]: found({ virtualHub: { id: `${base}/virtualHubs/HUB` } }),
  [site]: found({
    vpnSiteLinks: [
      { id: link("BGP"), properties: { bgpProperties: { asn: 65010, bgpPeeringAddress: "10.0.0.1" } } },
      { id: link("plain"), properties: {} },
    ],
  }),
  [table("defaultRouteTable")]: found(),
  [table("t1")]: found(),
  [map("in")]: found(),
  [map("out")]: found(),
  [rule("egress")]: found({ mode: "EgressSnat" }),
  [rule("ingress")]: found({ mode: "IngressSnat" }),
};

function requestWith(change: (properties: VpnConnection["properties"]) => object = () => ({})): ValidRequest {
  const properties: VpnConnection["properties"] = {
    remoteVpnSite: { id: site },
    vpnLinkConnections: [
      {
        name: "l1",
        properties: {
          vpnSiteLink: { id: link("bgp") },
          enableBgp: true,
          egressNatRules: [{ id: rule("egress") }],
          ingressNatRules: [{ id: rule("ingress") }],
        },
      },
      { name: "l2", properties: { vpnSiteLink: { id: link("plain") } } },
    ],
    routingConfiguration: {
      associatedRouteTable: { id: table("defaultRouteTable") },
      propagatedRouteTables: { labels: [], ids: [{ id: table("defaultRouteTable").toUpperCase() }, { id: table("t1") }] },
      inboundRouteMap: { id: map("in") },
      outboundRouteMap: { id: map("out") },
    },
  };
  const target = { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "g", connectionName: "c" };
  return { target, mode: "apply", desired: { properties: { ...properties, ...change(properties) } } };
}

/**
 * Checks a request in a world that differs in some answers; `null` for all of them answers what is
 * asked for everything.
 */
async function check(changes: Readonly<Record<string, Answer>> | Answer = {}, request = requestWith(), mode: PreflightMode = "enforce") {
  const asked: string[] = [];
  let open = 0;
  let mostOpen = 0;
  const all = changes instanceof Error || "text" in changes ? (changes as Answer) : undefined;
  const answers = new Map(
    Object.entries({ ...world, ...(all ? {} : (changes as typeof world)) }).map(([id, given]) => [id.toLowerCase(), given]),
  );
  const resourceManager = {
    async getResource(id: string): Promise<ArmResponse> {
      asked.push(id);
      mostOpen = Math.max(mostOpen, ++open);
      await Promise.resolve();
      open--;
      const given = all ?? answers.get(id.toLowerCase()) ?? missing;
      if (given instanceof Error) throw given;
      return given;
    },
  } as unknown as ResourceManager;
  const { findings, attempts } = await runPreflight(
    request,
    { instanceId: "vpn-1", attempt: 1, filter: keyFilterOf([]) },
    { resourceManager, reads: rememberReads(() => new Date()), mode },
  );
  const shown = findings.map(({ code, severity, target }) => `${severity} ${code} ${target.replace("/connection/properties", "…")}`);
  return { findings, shown, asked, attempts, mostOpen };
}

test("all is there: nothing is said, and each id is read once whatever its case", async () => {
  const { shown, asked, attempts } = await check();
  assert.deepEqual([shown, attempts], [[], []]);
  assert.deepEqual(
    asked.map((id) => id.toLowerCase()).sort(),
    Object.keys(world)
      .map((id) => id.toLowerCase())
      .sort(),
  );
});

test("a request that names as much as it may is read a few at a time, and no further than is fair", async () => {
  const many = (id: (index: number) => string, count: number) => Array.from({ length: count }, (_, index) => ({ id: id(index) }));
  const greedy = requestWith(() => ({
    routingConfiguration: { propagatedRouteTables: { ids: many((index) => table(`t${index}`), 100) } },
    vpnLinkConnections: ["a", "b", "c", "d"].map((name) => ({
      name,
      properties: {
        egressNatRules: many((index) => rule(`${name}-out-${index}`), 100),
        ingressNatRules: many((index) => rule(`${name}-in-${index}`), 100),
      },
    })),
  }));
  const { asked, mostOpen, findings } = await check({}, greedy);
  assert.equal(mostOpen, 8);
  assert.equal(asked.length, 250);
  assert.equal(new Set(asked).size, 250);
  assert.equal(findings.length, 201);
  assert.ok(findings.some(({ code }) => code === "Truncated"));
  const { findings: beyond } = await check(found(), greedy);
  assert.match(beyond.find(({ code }) => code === "NotChecked")?.message ?? "", /was not checked: only the first 250 references/);
});

test("a request that names little asks for little", async () => {
  const bare = requestWith(() => ({
    routingConfiguration: undefined,
    vpnLinkConnections: [{ name: "l", properties: { vpnSiteLink: { id: link("plain") } } }],
  }));
  const { shown, asked } = await check({}, bare);
  assert.deepEqual([shown, asked], [[], [gateway, site]]);
});

const links = (change: object) => (properties: VpnConnection["properties"]) => ({
  vpnLinkConnections: (properties.vpnLinkConnections ?? []).map((own, index) =>
    index === 1 ? { ...own, properties: { ...own.properties, ...change } } : own,
  ),
});
const siteWith = (...vpnSiteLinks: object[]) => ({ [site]: found({ vpnSiteLinks }) });
const rows: readonly (readonly [name: string, changes: Parameters<typeof check>[0], request: ValidRequest, shown: readonly string[]])[] = [
  ["no gateway", { [gateway]: missing }, requestWith(), ["error GatewayMissing /target/gatewayName"]],
  ["no resource group", { [site]: refused(404, "ResourceGroupNotFound") }, requestWith(), ["error SiteMissing …/remoteVpnSite/id"]],
  ["no site", { [site]: refused(404, "NotFound") }, requestWith(), ["error SiteMissing …/remoteVpnSite/id"]],
  [
    "a link that the site does not have",
    {},
    requestWith(links({ vpnSiteLink: { id: link("third") } })),
    ["error SiteLinkMissing …/vpnLinkConnections/1/properties/vpnSiteLink/id"],
  ],
  [
    "links and no link connections",
    {},
    requestWith(() => ({ vpnLinkConnections: undefined })),
    ["error LinkConnectionRequired …/vpnLinkConnections"],
  ],
  ["a site without links and no link connections", siteWith(), requestWith(() => ({ vpnLinkConnections: [] })), []],
  [
    "no route table, wherever it is named",
    { [table("defaultRouteTable")]: missing },
    requestWith(),
    [
      "error RouteTableMissing …/routingConfiguration/associatedRouteTable/id",
      "error RouteTableMissing …/routingConfiguration/propagatedRouteTables/ids/0/id",
    ],
  ],
  ["no route map", { [map("out")]: missing }, requestWith(), ["error RouteMapMissing …/routingConfiguration/outboundRouteMap/id"]],
  [
    "a route map of another hub",
    { [map("in", "hub2")]: found() },
    requestWith(({ routingConfiguration }) => ({
      routingConfiguration: { ...routingConfiguration, inboundRouteMap: { id: map("in", "hub2") } },
    })),
    ["warning NotInGatewaysHub …/routingConfiguration/inboundRouteMap/id"],
  ],
  ["a gateway that does not say its hub", { [gateway]: found() }, requestWith(), []],
  [
    "no NAT rule",
    { [rule("egress")]: missing },
    requestWith(),
    ["error NatRuleMissing …/vpnLinkConnections/0/properties/egressNatRules/0/id"],
  ],
  [
    "a NAT rule of the other direction",
    { [rule("ingress")]: found({ mode: "EgressSnat" }) },
    requestWith(),
    ["warning NatRuleMode …/vpnLinkConnections/0/properties/ingressNatRules/0/id"],
  ],
  ["a NAT rule that does not say its mode", { [rule("ingress")]: found() }, requestWith(), []],
  [
    "BGP on a link of which the site has no settings",
    {},
    requestWith(links({ enableBgp: true })),
    ["warning BgpSettingsMissing …/vpnLinkConnections/1/properties/enableBgp"],
  ],
  [
    "BGP settings without a peering address",
    siteWith({ id: link("bgp"), properties: { bgpProperties: { asn: 65010 } } }, { id: link("plain") }),
    requestWith(),
    ["warning BgpSettingsMissing …/vpnLinkConnections/0/properties/enableBgp"],
  ],
  ["no right to read", { [site]: refused(403, "AuthorizationFailed") }, requestWith(), ["warning NotChecked …/remoteVpnSite/id"]],
  [
    "a token that is refused",
    { [site]: refused(401, "ExpiredAuthenticationToken") },
    requestWith(),
    ["warning NotChecked …/remoteVpnSite/id"],
  ],
  [
    "a 404 that does not know the type",
    { [map("in")]: refused(404, "InvalidResourceType") },
    requestWith(),
    ["warning NotChecked …/routingConfiguration/inboundRouteMap/id"],
  ],
  [
    "a 404 without a word",
    { [map("in")]: answer(404, "") },
    requestWith(),
    ["warning NotChecked …/routingConfiguration/inboundRouteMap/id"],
  ],
  ["throttling", { [site]: refused(429, "TooManyRequests") }, requestWith(), ["warning NotChecked …/remoteVpnSite/id"]],
  ["no answer", { [site]: new Error("socket hang up") }, requestWith(), ["warning NotChecked …/remoteVpnSite/id"]],
  ["HTML", { [site]: { status: 200, headers: {}, text: "<html>" } }, requestWith(), ["warning NotChecked …/remoteVpnSite/id"]],
  [
    "several at once",
    { [site]: missing, [rule("egress")]: missing },
    requestWith(),
    ["error SiteMissing …/remoteVpnSite/id", "error NatRuleMissing …/vpnLinkConnections/0/properties/egressNatRules/0/id"],
  ],
];
for (const [name, changes, request, shown] of rows) {
  test(`${name}: ${shown.length > 0 ? shown.map((line) => line.split(" ")[1]).join(", ") : "nothing is said"}`, async () => {
    assert.deepEqual((await check(changes, request)).shown, shown);
    const warned = (await check(changes, request, "warn")).shown;
    assert.deepEqual(
      warned,
      shown.map((line) => line.replace(/^error/, "warning")),
      "warn stops nothing",
    );
  });
}

test("every rule has a row", () => {
  const codes = new Set(rows.flatMap(([, , , shown]) => shown.map((line) => line.split(" ")[1])));
  assert.deepEqual([...codes].sort(), Object.keys(preflightRules).sort());
});

test("what is off is not read", async () => {
  const { asked, shown, attempts } = await check(missing, requestWith(), "off");
  assert.deepEqual([asked, shown, attempts], [[], [], []]);
});

for (const [name, everything] of [
  ["nothing at all is found", missing],
  ["nothing at all may be read", refused(403, "AuthorizationFailed")],
  ["nobody answers", new Error("socket hang up")],
] as const) {
  test(`${name}: that stops no request`, async () => {
    const { findings, asked } = await check(everything);
    assert.ok(findings.length >= asked.length);
    assert.ok(findings.every(({ severity }) => severity === "warning"));
  });
}

test("a finding says what was expected and found, who must act, and where the rule stands", async () => {
  const { findings } = await check({ [site]: missing, [gateway]: refused(403, "AuthorizationFailed") });
  for (const { message, source } of findings) {
    assertPlain(message);
    assert.ok(source?.startsWith("https://"));
  }
  assert.deepEqual(
    findings.map(({ code, actor }) => [code, actor]),
    [
      ["NotChecked", "operator"],
      ["SiteMissing", "requester"],
    ],
  );
});

test("reads that went well are not listed; the others are, each under an id of its own", async () => {
  const { attempts } = await check({ [site]: missing, [map("in")]: new Error("socket hang up") });
  assert.deepEqual(
    attempts.map(({ action, status, code }) => [action, status, code]),
    [
      ["check", 404, "ResourceNotFound"],
      ["check", null, null],
    ],
  );
  assert.equal(new Set(attempts.map(({ clientRequestId }) => clientRequestId)).size, 2);
});
