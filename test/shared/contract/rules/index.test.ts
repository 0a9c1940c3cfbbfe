import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Finding } from "../../../../shared/contract/finding.ts";
import { ruleFindings, rules } from "../../../../shared/contract/rules/index.ts";
import { validate } from "../../../../shared/contract/validate.ts";
import { warningCodes } from "../../../../shared/policy.ts";
import { sealSecrets } from "../../../../shared/secrets/sealing.ts";
import { assertPlain } from "../../../support/plain-text.ts";
import { sampleEvent } from "../../../support/sample.ts";

// One row a rule: a request that keeps it and one that breaks it, where, and how grave that is.

const network = "/subscriptions/0f1e2d3c-4b5a-4968-8776-655443322110/resourceGroups/rg1/providers/Microsoft.Network";
const policy = {
  saLifeTimeSeconds: 3600,
  saDataSizeKilobytes: 0,
  ipsecEncryption: "GCMAES256",
  ipsecIntegrity: "GCMAES256",
  ikeEncryption: "AES256",
  ikeIntegrity: "SHA384",
  dhGroup: "ECP384",
  pfsGroup: "ECP384",
};

interface Draft {
  target: Record<string, string>;
  connection: { properties: Record<string, unknown> & { vpnLinkConnections: { name: string; properties: Record<string, unknown> }[] } };
}
/** A request that no rule has anything to say about. */
const clean = (): Draft => ({
  target: { subscriptionId: "0f1e2d3c-4b5a-4968-8776-655443322110", resourceGroupName: "rg1", gatewayName: "g", connectionName: "c" },
  connection: {
    properties: {
      remoteVpnSite: { id: `${network}/vpnSites/s` },
      routingConfiguration: {
        associatedRouteTable: { id: `${network}/virtualHubs/h/hubRouteTables/defaultRouteTable` },
        inboundRouteMap: { id: `${network}/virtualHubs/H/routeMaps/m` },
      },
      vpnLinkConnections: ["l1", "l2"].map((name) => ({
        name,
        properties: { vpnSiteLink: { id: `${network}/VPNSITES/S/vpnSiteLinks/${name}` }, ipsecPolicies: [{ ...policy }] },
      })),
    },
  },
});
const properties = (draft: Draft) => draft.connection.properties;
const link = (draft: Draft) => draft.connection.properties.vpnLinkConnections[1]?.properties ?? {};
const policyOf = (draft: Draft) => (link(draft)["ipsecPolicies"] as Record<string, unknown>[] | undefined)?.[0] ?? {};

type Change = (draft: Draft) => void;
const onTarget =
  (fields: object): Change =>
  (draft) =>
    Object.assign(draft.target, structuredClone(fields));
const onBody =
  (fields: object): Change =>
  (draft) =>
    Object.assign(draft.connection, structuredClone(fields));
const onConnection =
  (fields: object): Change =>
  (draft) =>
    Object.assign(properties(draft), structuredClone(fields));
const onRouting =
  (fields: object): Change =>
  (draft) =>
    Object.assign(properties(draft)["routingConfiguration"] as object, structuredClone(fields));
const onLink =
  (fields: object): Change =>
  (draft) =>
    Object.assign(link(draft), structuredClone(fields));
const onPolicy =
  (fields: object): Change =>
  (draft) =>
    Object.assign(policyOf(draft), structuredClone(fields));
const linkNamed =
  (name: string): Change =>
  (draft) =>
    Object.assign(properties(draft).vpnLinkConnections[1] ?? {}, { name });
const id = (path: string) => ({ id: `${network}/${path}` });
const bgp = (...addresses: readonly (readonly [instance: string, address: string])[]) => ({
  enableBgp: true,
  vpnGatewayCustomBgpAddresses: addresses.map(([ipConfigurationId, customBgpIpAddress]) => ({ ipConfigurationId, customBgpIpAddress })),
});
const selectors = (local: readonly string[], remote: readonly string[] = ["10.2.0.0/16"]) => ({
  usePolicyBasedTrafficSelectors: true,
  trafficSelectorPolicies: [{ localAddressRanges: local, remoteAddressRanges: remote }],
});
/** Selectors that have an effect: the second link uses them, with its own policy. */
const withSelectors =
  (...ranges: Parameters<typeof selectors>): Change =>
  (draft) => {
    const { usePolicyBasedTrafficSelectors, trafficSelectorPolicies } = selectors(...ranges);
    onConnection({ trafficSelectorPolicies })(draft);
    onLink({ usePolicyBasedTrafficSelectors })(draft);
  };

const p = "/connection/properties";
const ofLink = `${p}/vpnLinkConnections/1/properties`;
const ofPolicy = `${ofLink}/ipsecPolicies/0`;
const ofRouting = `${p}/routingConfiguration`;
const onlyLinkless: Change = onConnection({ vpnLinkConnections: [] });
const both =
  (...changes: readonly Change[]): Change =>
  (draft) => {
    for (const change of changes) change(draft);
  };

const rows: readonly (readonly [change: Change, code: string, severity: Finding["severity"], target: string])[] = [
  [onTarget({ subscriptionId: "subid" }), "SubscriptionIdNotGuid", "warning", "/target/subscriptionId"],
  [onBody({ name: "another" }), "TargetMismatch", "error", "/connection/name"],
  [onBody(id("vpnGateways/g/vpnConnections/another")), "TargetMismatch", "error", "/connection/id"],
  [onConnection({ remoteVpnSite: { id: "site1" }, vpnLinkConnections: [] }), "InvalidResourceId", "error", `${p}/remoteVpnSite/id`],
  [onConnection({ remoteVpnSite: id("virtualHubs/h"), vpnLinkConnections: [] }), "InvalidResourceId", "error", `${p}/remoteVpnSite/id`],
  [onConnection({ remoteVpnSite: id("vpnSites/s/"), vpnLinkConnections: [] }), "InvalidResourceId", "error", `${p}/remoteVpnSite/id`],
  [onConnection({ remoteVpnSite: id("vpnSites/.."), vpnLinkConnections: [] }), "InvalidResourceId", "error", `${p}/remoteVpnSite/id`],
  [onConnection({ remoteVpnSite: id("vpnSites/a%2Fb"), vpnLinkConnections: [] }), "InvalidResourceId", "error", `${p}/remoteVpnSite/id`],
  [onRouting({ outboundRouteMap: id("virtualHubs/h/hubRouteTables/m") }), "InvalidResourceId", "error", `${ofRouting}/outboundRouteMap/id`],
  [
    onRouting({ propagatedRouteTables: { ids: [id("virtualHubs/h/hubRouteTables/t"), id("virtualHubs/h/routeMaps/t")] } }),
    "InvalidResourceId",
    "error",
    `${ofRouting}/propagatedRouteTables/ids/1/id`,
  ],
  [
    onRouting({ propagatedRouteTables: { ids: [id("virtualHubs/h2/hubRouteTables/t")] } }),
    "AnotherHub",
    "warning",
    `${ofRouting}/propagatedRouteTables/ids/0/id`,
  ],
  [onRouting({ outboundRouteMap: id("virtualHubs/other/routeMaps/m") }), "AnotherHub", "warning", `${ofRouting}/outboundRouteMap/id`],
  [
    onRouting({ associatedRouteTable: id("virtualHubs/h/hubRouteTables/own") }),
    "CustomAssociatedRouteTable",
    "warning",
    `${ofRouting}/associatedRouteTable/id`,
  ],
  [onRouting({ vnetRoutes: { staticRoutes: [{ name: "r" }] } }), "VnetRoutesOnBranch", "warning", `${ofRouting}/vnetRoutes`],
  [
    onRouting({ vnetRoutes: { staticRoutesConfig: { vnetLocalRouteOverrideCriteria: "Equal" } } }),
    "VnetRoutesOnBranch",
    "warning",
    `${ofRouting}/vnetRoutes`,
  ],
  [
    (draft) => {
      const { vpnLinkConnections } = properties(draft);
      vpnLinkConnections.push(
        ...["l3", "l4", "l5"].map((name) => ({ name, properties: { vpnSiteLink: id(`vpnSites/s/vpnSiteLinks/${name}`) } })),
      );
    },
    "TooManyLinks",
    "error",
    `${p}/vpnLinkConnections`,
  ],
  [linkNamed("L1"), "DuplicateLinkName", "warning", `${p}/vpnLinkConnections/1/name`],
  [linkNamed("l 2"), "LinkNameUnusual", "warning", `${p}/vpnLinkConnections/1/name`],
  [onLink({ vpnSiteLink: id("vpnSites/s/vpnSiteLinks/L1") }), "DuplicateLink", "warning", `${ofLink}/vpnSiteLink/id`],
  [onLink({ vpnSiteLink: id("vpnSites/s2/vpnSiteLinks/l") }), "LinkOfAnotherSite", "warning", `${ofLink}/vpnSiteLink/id`],
  [(draft) => Reflect.deleteProperty(link(draft), "vpnSiteLink"), "MissingSiteLink", "warning", `${ofLink}/vpnSiteLink`],
  [onConnection({ ipsecPolicies: [policy] }), "DeprecatedConnectionProperty", "error", `${p}/ipsecPolicies`],
  [onConnection({ connectionBandwidth: 10 }), "DeprecatedConnectionProperty", "error", `${p}/connectionBandwidth`],
  ...Object.entries({
    routingWeight: 1,
    vpnConnectionProtocolType: "IKEv2",
    sharedKey: { sealed: "k1.x" },
    enableBgp: true,
    enableRateLimiting: true,
    useLocalAzureIpAddress: true,
    dpdTimeoutSeconds: 45,
  }).map(([name, value]) => [onConnection({ [name]: value }), "LinkPropertyOnConnection", "warning", `${p}/${name}`] as const),
  [onLink({ routingWeight: -1 }), "RoutingWeightOutOfRange", "error", `${ofLink}/routingWeight`],
  [both(onlyLinkless, onConnection({ routingWeight: -1 })), "RoutingWeightOutOfRange", "error", `${p}/routingWeight`],
  [onLink({ connectionBandwidth: 0 }), "BandwidthOutOfRange", "error", `${ofLink}/connectionBandwidth`],
  [onLink({ dpdTimeoutSeconds: 8 }), "DpdTimeoutOutOfRange", "error", `${ofLink}/dpdTimeoutSeconds`],
  [onLink({ dpdTimeoutSeconds: -1 }), "DpdTimeoutOutOfRange", "error", `${ofLink}/dpdTimeoutSeconds`],
  [onLink({ dpdTimeoutSeconds: 3601 }), "DpdTimeoutOutOfRange", "error", `${ofLink}/dpdTimeoutSeconds`],
  [onLink({ vpnConnectionProtocolType: "IKEv1" }), "DeprecatedProtocol", "warning", `${ofLink}/vpnConnectionProtocolType`],
  [onLink({ sharedKey: { sealed: "k1.x", faults: ["empty"] } }), "SharedKeyLength", "error", `${ofLink}/sharedKey`],
  [onLink({ sharedKey: { sealed: "k1.x", faults: ["tooLong"] } }), "SharedKeyLength", "error", `${ofLink}/sharedKey`],
  [onLink({ sharedKey: { sealed: "k1.x", faults: ["notPrintable"] } }), "SharedKeyCharacters", "error", `${ofLink}/sharedKey`],
  [onLink({ sharedKey: { sealed: "k1.x", faults: ["short"] } }), "SharedKeyShort", "warning", `${ofLink}/sharedKey`],
  [onLink({ sharedKey: { sealed: "k1.x", faults: ["unusual"] } }), "SharedKeyCharactersUnusual", "warning", `${ofLink}/sharedKey`],
  [onLink({ sharedKey: { keyVaultSecretUri: "https://v/keys/k" } }), "SecretUriForm", "error", `${ofLink}/sharedKey/keyVaultSecretUri`],
  [onLink({ ipsecPolicies: [policy, policy] }), "TooManyIpsecPolicies", "error", `${ofLink}/ipsecPolicies`],
  [onPolicy({ ipsecIntegrity: "SHA256" }), "GcmPairMismatch", "error", `${ofPolicy}/ipsecIntegrity`],
  [onPolicy({ ipsecIntegrity: "GCMAES128" }), "GcmPairMismatch", "error", `${ofPolicy}/ipsecIntegrity`],
  [onPolicy({ ipsecEncryption: "AES256" }), "GcmPairMismatch", "error", `${ofPolicy}/ipsecIntegrity`],
  [onPolicy({ ikeEncryption: "GCMAES256", ikeIntegrity: "GCMAES128" }), "IkeGcmPairMismatch", "warning", `${ofPolicy}/ikeIntegrity`],
  [onPolicy({ saLifeTimeSeconds: 299 }), "SaLifetimeTooShort", "error", `${ofPolicy}/saLifeTimeSeconds`],
  [onPolicy({ saLifeTimeSeconds: 172_800 }), "SaLifetimeUnusual", "warning", `${ofPolicy}/saLifeTimeSeconds`],
  [onPolicy({ saDataSizeKilobytes: -1 }), "SaDataSizeOutOfRange", "error", `${ofPolicy}/saDataSizeKilobytes`],
  [onPolicy({ saDataSizeKilobytes: 1023 }), "SaDataSizeUnusual", "warning", `${ofPolicy}/saDataSizeKilobytes`],
  ...Object.entries({
    ikeEncryption: ["DES", "DES3"],
    ikeIntegrity: ["MD5", "SHA1"],
    dhGroup: ["None", "DHGroup1", "DHGroup2", "DHGroup24"],
    pfsGroup: ["None", "PFS1", "PFS2", "PFS24", "PFSMM"],
  }).flatMap(([field, values]) =>
    values.map((value) => [onPolicy({ [field]: value }), "WeakCipher", "warning", `${ofPolicy}/${field}`] as const),
  ),
  ...["None", "DES", "DES3"].map(
    (ipsecEncryption) =>
      [onPolicy({ ipsecEncryption, ipsecIntegrity: "SHA256" }), "WeakCipher", "warning", `${ofPolicy}/ipsecEncryption`] as const,
  ),
  ...["MD5", "SHA1"].map(
    (ipsecIntegrity) =>
      [onPolicy({ ipsecEncryption: "AES256", ipsecIntegrity }), "WeakCipher", "warning", `${ofPolicy}/ipsecIntegrity`] as const,
  ),
  ...["10.0.0.0", "10.0.0.0/33", "10/8", "010.0.0.0/8", "0x0a.0.0.0/8", "x", "", "10.0.0.0/08x", "::/129"].map(
    (range) =>
      [withSelectors(["10.1.0.0/16", range]), "InvalidCidr", "error", `${p}/trafficSelectorPolicies/0/localAddressRanges/1`] as const,
  ),
  [withSelectors(["10.1.0.0/16"], ["10.0.0.1/8"]), "HostBitsSet", "warning", `${p}/trafficSelectorPolicies/0/remoteAddressRanges/0`],
  [withSelectors([]), "EmptySelector", "warning", `${p}/trafficSelectorPolicies/0/localAddressRanges`],
  ...["egressNatRules", "ingressNatRules"].map(
    (direction) =>
      [
        onLink({ usePolicyBasedTrafficSelectors: true, [direction]: [{ id: `${network}/vpnGateways/g/natRules/r` }] }),
        "SelectorsWithNat",
        "warning",
        `${ofLink}/usePolicyBasedTrafficSelectors`,
      ] as const,
  ),
  [withSelectors(["2001:db8:1::/48"], ["10.9.0.0/16"]), "SelectorFamiliesMixed", "error", `${p}/trafficSelectorPolicies/0`],
  [withSelectors(["2001:db8:1::/48"], ["2001:db8:2::/48"]), "SelectorIpv6", "warning", `${p}/trafficSelectorPolicies/0`],
  [
    onConnection({ trafficSelectorPolicies: selectors(["10.1.0.0/16"]).trafficSelectorPolicies }),
    "SelectorsWithoutEffect",
    "warning",
    `${p}/trafficSelectorPolicies`,
  ],
  [
    onLink({ usePolicyBasedTrafficSelectors: true, ipsecPolicies: [] }),
    "SelectorsWithoutPolicy",
    "warning",
    `${ofLink}/usePolicyBasedTrafficSelectors`,
  ],
  [
    onLink({ usePolicyBasedTrafficSelectors: true, enableBgp: true }),
    "SelectorsWithBgp",
    "warning",
    `${ofLink}/usePolicyBasedTrafficSelectors`,
  ],
  [
    onLink(bgp(["Instance2", "169.254.21.1"])),
    "InvalidIpConfiguration",
    "error",
    `${ofLink}/vpnGatewayCustomBgpAddresses/0/ipConfigurationId`,
  ],
  ...["169.254.23.1", "10.0.0.1", "169.254.21", "169.254.21.256", "::1", "", "169.254.021.1"].map(
    (address) =>
      [
        onLink(bgp(["Instance0", "169.254.22.2"], ["Instance1", address])),
        "InvalidBgpAddress",
        "error",
        `${ofLink}/vpnGatewayCustomBgpAddresses/1/customBgpIpAddress`,
      ] as const,
  ),
  [
    onLink(bgp(["Instance0", "169.254.21.1"], ["Instance1", "169.254.21.1"])),
    "DuplicateBgpAddress",
    "error",
    `${ofLink}/vpnGatewayCustomBgpAddresses/1/customBgpIpAddress`,
  ],
  [
    onLink(bgp(["Instance0", "169.254.21.1"], ["Instance0", "169.254.21.2"])),
    "DuplicateIpConfiguration",
    "warning",
    `${ofLink}/vpnGatewayCustomBgpAddresses/1/ipConfigurationId`,
  ],
  [
    onLink({ ...bgp(["Instance0", "169.254.21.1"]), enableBgp: false }),
    "BgpAddressWithoutBgp",
    "warning",
    `${ofLink}/vpnGatewayCustomBgpAddresses`,
  ],
  [onLink({ egressNatRules: [id("vpnGateways/other/natRules/n")] }), "NatRuleOfAnotherGateway", "warning", `${ofLink}/egressNatRules/0/id`],
  [
    onLink({ egressNatRules: [id("vpnGateways/g/natRules/n")], ingressNatRules: [id("VPNGATEWAYS/G/natRules/N")] }),
    "DuplicateNatRule",
    "warning",
    `${ofLink}/ingressNatRules/0/id`,
  ],
];

test("IKE with GCM and SHA256 or SHA384, which Microsoft recommends, has no finding", () => {
  for (const ikeEncryption of ["GCMAES128", "GCMAES256"])
    for (const ikeIntegrity of ["SHA256", "SHA384"]) {
      const draft = clean();
      onPolicy({ ikeEncryption, ikeIntegrity })(draft);
      assert.deepEqual(validate(draft, null).findings, []);
    }
});

test("a request that keeps every rule has no finding", () => assert.deepEqual(validate(clean(), null).findings, []));

for (const [change, code, severity, target] of rows) {
  test(`${code} at ${target}`, () => {
    const draft = clean();
    change(draft);
    const { valid, findings } = validate(draft, null);
    assert.deepEqual(
      findings.map((finding) => [finding.code, finding.severity, finding.target]),
      [[code, severity, target]],
    );
    assert.match(findings[0]?.source ?? "", /^https:\/\//);
    assert.equal(findings[0]?.actor, "requester");
    assertPlain(findings[0]?.message ?? "");
    assert.equal(valid === undefined, severity === "error", "an error stops the request, a warning does not");
  });
}

test("what belongs to a link is fine on a connection without links", () => {
  const draft = clean();
  Object.assign(properties(draft), {
    vpnLinkConnections: [],
    ipsecPolicies: [policy],
    connectionBandwidth: 10,
    enableBgp: true,
    routingWeight: 0,
  });
  assert.deepEqual(validate(draft, null).findings, []);
});

test("the reference's own sample is accepted: what is odd about it is a warning", () => {
  const { target, connection } = sampleEvent().data;
  const { valid, findings } = validate(
    JSON.parse(JSON.stringify({ target, connection }, (name, value) => (name === "sharedKey" ? undefined : value))),
    null,
  );
  assert.ok(valid);
  const codes = findings.map(({ code, severity }) => `${severity} ${code}`);
  for (const code of ["CustomAssociatedRouteTable", "AnotherHub", "SubscriptionIdNotGuid"])
    assert.ok(codes.includes(`warning ${code}`), codes.join());
  assert.ok(codes.every((code) => code.startsWith("warning")));
});

test("whatever is broken together: the same findings in the same order, each once", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(rows.map((_, index) => index)), (chosen) => {
      const draft = clean();
      for (const index of chosen) rows[index]?.[0](draft);
      const { findings } = validate(draft, null);
      const places = findings.map(({ target, code }) => `${target} ${code}`);
      assert.deepEqual(places, places.toSorted());
      assert.equal(new Set(places).size, places.length);
    }),
  );
});

test("every rule has a row", () => {
  const tried = new Set(rows.map(([, code]) => code));
  const untried = rules.map(({ code }) => code).filter((code) => !tried.has(code) && code !== "SelectorsWithIkev1");
  assert.deepEqual(untried, []);
  const draft = clean();
  onLink({ usePolicyBasedTrafficSelectors: true, vpnConnectionProtocolType: "IKEv1" })(draft);
  assert.deepEqual(
    validate(draft, null).findings.map(({ code }) => code),
    ["SelectorsWithIkev1", "DeprecatedProtocol"],
  );
});

const kept: readonly (readonly [name: string, change: Change])[] = [
  [
    "the service's own defaults",
    onLink({ routingWeight: 0, connectionBandwidth: 10, dpdTimeoutSeconds: 0, vpnGatewayCustomBgpAddresses: [] }),
  ],
  ["the longest values", onLink({ dpdTimeoutSeconds: 3600, routingWeight: 32_000, connectionBandwidth: 2_000 })],
  ["the shortest dead peer detection", onLink({ dpdTimeoutSeconds: 9 })],
  ["a policy at its bounds", onPolicy({ saLifeTimeSeconds: 300, saDataSizeKilobytes: 1024 })],
  ["a policy without GCM", onPolicy({ ipsecEncryption: "AES256", ipsecIntegrity: "SHA256" })],
  ["GCM in the key exchange", onPolicy({ ikeEncryption: "GCMAES256", ikeIntegrity: "GCMAES256" })],
  ["both BGP addresses", onLink(bgp(["Instance0", "169.254.21.1"], ["instance1", "169.254.22.1"]))],
  [
    "NAT rules of the gateway, whatever the case",
    onLink({ egressNatRules: [id("VPNGATEWAYS/G/NATRULES/out")], ingressNatRules: [id("vpnGateways/g/natRules/in")] }),
  ],
  [
    "no route table for a branch",
    onRouting({ propagatedRouteTables: { labels: ["none"], ids: [id("virtualHubs/h/hubRouteTables/noneRouteTable")] } }),
  ],
  ["empty routes as the service echoes them", onRouting({ vnetRoutes: { staticRoutes: [] } })],
  ["empty propagated tables", onRouting({ propagatedRouteTables: {} })],
  ["the target's own id in another case", onBody({ id: `${network}/vpnGateways/G/vpnConnections/C`.toUpperCase(), name: "C" })],
  [
    "four links",
    (draft) =>
      void properties(draft).vpnLinkConnections.push(
        ...["l3", "l4"].map((name) => ({ name, properties: { vpnSiteLink: id(`vpnSites/s/vpnSiteLinks/${name}`) } })),
      ),
  ],
  ["a plan", (draft) => void Object.assign(draft, { mode: "plan" })],
  ["a key from Key Vault", onLink({ sharedKey: { keyVaultSecretUri: "https://v.vault.azure.net/secrets/k" } })],
  ["a key that was sealed without fault", onLink({ sharedKey: { sealed: "k1.x" } })],
];
for (const [name, change] of kept) {
  test(`nothing is said against ${name}`, () => {
    const draft = clean();
    change(draft);
    assert.deepEqual(validate(draft, null).findings, []);
  });
}

test("what is wrong in one place does not hide what is wrong in another", () => {
  const draft = clean();
  both(
    onLink({ enableBgp: "yes", dpdTimeoutSeconds: 1 }),
    onPolicy({ saLifeTimeSeconds: "long", ipsecIntegrity: "SHA256" }),
    onTarget({ gatewayName: 7 }),
    linkNamed("l1"),
  )(draft);
  Object.assign(draft, { surprise: 1 });
  const { valid, findings } = validate(draft, "[]");
  assert.equal(valid, undefined);
  assert.deepEqual(
    findings.map(({ code, target }) => `${code} ${target}`),
    [
      `DuplicateLinkName ${p}/vpnLinkConnections/1/name`,
      `DpdTimeoutOutOfRange ${ofLink}/dpdTimeoutSeconds`,
      `InvalidType ${ofLink}/enableBgp`,
      `GcmPairMismatch ${ofPolicy}/ipsecIntegrity`,
      `InvalidType ${ofPolicy}/saLifeTimeSeconds`,
      "UnknownField /surprise",
      "InvalidType /target/gatewayName",
      "InvalidType /ticket",
    ],
  );
});

test("whatever else is taken out of a request or retyped, the rules judge the rest without stumbling", () => {
  const everything = () => {
    const draft = clean();
    for (const [change] of rows.filter(([, code]) => code !== "TooManyLinks")) change(draft);
    return draft;
  };
  const places: PropertyKey[][] = [];
  const walk = (node: unknown, path: PropertyKey[]): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      places.push([...path, key]);
      walk(value, [...path, key]);
    }
  };
  walk(everything(), []);
  for (const path of places) {
    for (const wrong of [undefined, null, 7, "text", [], [null], {}, [[]]]) {
      const draft = everything() as unknown as Record<PropertyKey, unknown>;
      const parent = path
        .slice(0, -1)
        .reduce<Record<PropertyKey, unknown>>((node, key) => node[key] as Record<PropertyKey, unknown>, draft);
      if (wrong === undefined) delete parent[path.at(-1) as PropertyKey];
      else parent[path.at(-1) as PropertyKey] = wrong;
      assert.ok(validate(draft, null).findings.length > 0);
    }
  }
});

test("a policy may raise a warning to an error, and lowers nothing", () => {
  const draft = clean();
  both(onPolicy({ ikeIntegrity: "MD5" }), onBody({ etag: "e" }), onLink({ dpdTimeoutSeconds: 1 }))(draft);
  const severities = (raised: readonly string[]) =>
    validate(draft, null, raised).findings.map(({ code, severity }) => `${severity} ${code}`);
  assert.deepEqual(severities([]), ["warning ReadOnlyFieldIgnored", "error DpdTimeoutOutOfRange", "warning WeakCipher"]);
  assert.deepEqual(severities(["WeakCipher", "ReadOnlyFieldIgnored", "DpdTimeoutOutOfRange"]), [
    "error ReadOnlyFieldIgnored",
    "error DpdTimeoutOutOfRange",
    "error WeakCipher",
  ]);
  assert.ok(
    warningCodes.includes("WeakCipher") && warningCodes.includes("ReadOnlyFieldIgnored") && !warningCodes.includes("DpdTimeoutOutOfRange"),
  );
});

test("keys are judged when they are sealed, and nothing is told of them but the fault", () => {
  const ring = new Map([["k1", Buffer.alloc(32, 7)]]);
  const judged = (sharedKey: string) => {
    const draft = clean();
    onLink({ sharedKey })(draft);
    return validate(sealSecrets(draft, "vpn-1", ring), null).findings.map(({ code }) => code);
  };
  assert.deepEqual(judged("abcdefghijklmnopqrstuvwxyz0123456789!$%&/()=?"), []);
  assert.deepEqual(judged("x".repeat(128)), []);
  assert.deepEqual(judged("x".repeat(129)), ["SharedKeyLength"]);
  assert.deepEqual(judged(""), ["SharedKeyLength"]);
  assert.deepEqual(judged("schlüssel"), ["SharedKeyCharacters"]);
  assert.deepEqual(judged("tab\there"), ["SharedKeyCharacters"]);
  assert.deepEqual(judged("1234567"), ["SharedKeyShort"]);
  assert.deepEqual(judged("12345678"), []);
  assert.deepEqual(judged("two words"), ["SharedKeyCharactersUnusual"]);
  fc.assert(
    fc.property(fc.string({ minLength: 6, maxLength: 200, unit: "binary" }), (key) => {
      const textOf = (sharedKey: string) => {
        const draft = clean();
        onLink({ sharedKey })(draft);
        return JSON.stringify(validate(sealSecrets(draft, "vpn-1", ring), null).findings);
      };
      const quoted = JSON.stringify(key).slice(1, -1);
      // A key may be a word of the findings themselves, such as "proper" in "/properties".
      const own = ["", "1234567", "tab\there", "two words", "x".repeat(129)].map(textOf).join();
      fc.pre(!own.includes(quoted));
      assert.ok(!textOf(key).includes(quoted));
    }),
  );
});

test("of one rule no more breaches become findings than anybody reads; the others are counted", () => {
  const side = Array(64).fill("none");
  const trafficSelectorPolicies = Array(10).fill({ localAddressRanges: side, remoteAddressRanges: side });
  const { findings, unlisted } = ruleFindings({ connection: { properties: { trafficSelectorPolicies } } }, []);
  assert.equal(findings.filter(({ code }) => code === "InvalidCidr").length, 200);
  assert.equal(unlisted, 10 * 128 - 200);
});
