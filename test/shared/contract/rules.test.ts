import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { validate } from "../../../shared/contract/validate.ts";
import type { Finding } from "../../../shared/finding.ts";
import { sampleEvent } from "../../support/sample.ts";

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
const policyOf = (draft: Draft) => (link(draft)["ipsecPolicies"] as Record<string, unknown>[])[0] ?? {};
const p = "/connection/properties";
const onLink = `${p}/vpnLinkConnections/1/properties`;

const rows: readonly (readonly [change: (draft: Draft) => void, code: string, severity: Finding["severity"], target: string])[] = [
  [(draft) => Object.assign(draft.target, { subscriptionId: "subid" }), "SubscriptionIdNotGuid", "warning", "/target/subscriptionId"],
  [
    (draft) => Object.assign(properties(draft).vpnLinkConnections[1] ?? {}, { name: "L1" }),
    "DuplicateLinkName",
    "warning",
    `${p}/vpnLinkConnections/1/name`,
  ],
  [
    (draft) => Object.assign(link(draft), { vpnSiteLink: { id: `${network}/vpnSites/s2/vpnSiteLinks/l` } }),
    "LinkOfAnotherSite",
    "warning",
    `${onLink}/vpnSiteLink/id`,
  ],
  [(draft) => Object.assign(properties(draft), { ipsecPolicies: [policy] }), "DeprecatedConnectionProperty", "error", `${p}/ipsecPolicies`],
  [
    (draft) => Object.assign(properties(draft), { connectionBandwidth: 10 }),
    "DeprecatedConnectionProperty",
    "error",
    `${p}/connectionBandwidth`,
  ],
  [(draft) => Object.assign(properties(draft), { enableBgp: true }), "LinkPropertyOnConnection", "warning", `${p}/enableBgp`],
  [(draft) => Object.assign(link(draft), { ipsecPolicies: [policy, policy] }), "TooManyIpsecPolicies", "error", `${onLink}/ipsecPolicies`],
  [
    (draft) => Object.assign(policyOf(draft), { ipsecIntegrity: "SHA256" }),
    "GcmPairMismatch",
    "error",
    `${onLink}/ipsecPolicies/0/ipsecIntegrity`,
  ],
  [
    (draft) => Object.assign(policyOf(draft), { ipsecIntegrity: "GCMAES128" }),
    "GcmPairMismatch",
    "error",
    `${onLink}/ipsecPolicies/0/ipsecIntegrity`,
  ],
  [
    (draft) => Object.assign(policyOf(draft), { saLifeTimeSeconds: 299 }),
    "SaLifetimeTooShort",
    "error",
    `${onLink}/ipsecPolicies/0/saLifeTimeSeconds`,
  ],
  [
    (draft) => Object.assign(policyOf(draft), { ikeEncryption: "DES3" }),
    "WeakCipher",
    "warning",
    `${onLink}/ipsecPolicies/0/ikeEncryption`,
  ],
  [(draft) => Object.assign(policyOf(draft), { ikeIntegrity: "MD5" }), "WeakCipher", "warning", `${onLink}/ipsecPolicies/0/ikeIntegrity`],
  [(draft) => Object.assign(policyOf(draft), { dhGroup: "DHGroup2" }), "WeakCipher", "warning", `${onLink}/ipsecPolicies/0/dhGroup`],
  [(draft) => Object.assign(policyOf(draft), { pfsGroup: "PFS1" }), "WeakCipher", "warning", `${onLink}/ipsecPolicies/0/pfsGroup`],
  [
    (draft) => Object.assign(link(draft), { usePolicyBasedTrafficSelectors: true, ipsecPolicies: [] }),
    "SelectorsWithoutPolicy",
    "warning",
    `${onLink}/usePolicyBasedTrafficSelectors`,
  ],
  [
    (draft) =>
      Object.assign(properties(draft), {
        routingConfiguration: { associatedRouteTable: { id: `${network}/virtualHubs/h/hubRouteTables/own` } },
      }),
    "CustomAssociatedRouteTable",
    "warning",
    `${p}/routingConfiguration/associatedRouteTable/id`,
  ],
  [
    (draft) =>
      Object.assign(properties(draft)["routingConfiguration"] as object, {
        outboundRouteMap: { id: `${network}/virtualHubs/other/routeMaps/m` },
      }),
    "AnotherHub",
    "warning",
    `${p}/routingConfiguration/outboundRouteMap/id`,
  ],
];

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
