import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fieldName } from "../../../shared/contract/field-name.ts";
import { structureCodes } from "../../../shared/contract/structure.ts";
import { validate } from "../../../shared/contract/validate.ts";
import { sealSecrets } from "../../../shared/secrets/sealing.ts";

const ring = new Map([["k1", Buffer.alloc(32, 7)]]);
const sealed = (data: unknown) => sealSecrets(data, "vpn-1", ring);
/** The judgement of the structure alone: the rules about several fields have tests of their own. */
const ofStructure = [...Object.keys(structureCodes), "ReadOnlyFieldIgnored", "TargetMismatch", "Truncated"];
const judge = (data: unknown, ticket: string | null = null) => {
  const { valid, findings } = validate(sealed(data), ticket);
  return { valid, findings: findings.filter(({ code }) => ofStructure.includes(code)) };
};

const id = (path: string) => ({ id: `/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network/${path}` });
const ipsec = {
  saLifeTimeSeconds: 3600,
  saDataSizeKilobytes: 0,
  ipsecEncryption: "GCMAES256",
  ipsecIntegrity: "GCMAES256",
  ikeEncryption: "AES256",
  ikeIntegrity: "SHA384",
  dhGroup: "ECP384",
  pfsGroup: "ECP384",
};
const tunnel = {
  connectionBandwidth: 100,
  dpdTimeoutSeconds: 45,
  enableBgp: true,
  enableRateLimiting: false,
  ipsecPolicies: [ipsec],
  routingWeight: 1,
  sharedKey: "secret",
  useLocalAzureIpAddress: false,
  usePolicyBasedTrafficSelectors: false,
  vpnConnectionProtocolType: "IKEv2",
};

interface Full {
  target: Record<string, string>;
  connection: { id: string; name: string; properties: Record<string, unknown> & { vpnLinkConnections: { properties: object }[] } };
  [field: string]: unknown;
}

/** What Azure takes on a connection only while it has no links. */
const { ipsecPolicies, connectionBandwidth, ...onConnection } = tunnel;

/** Every field of the contract at once, those two aside. */
const full = (): Full =>
  JSON.parse(
    JSON.stringify({
      target: { subscriptionId: "subid", resourceGroupName: "rg1", gatewayName: "gateway1", connectionName: "c1" },
      connection: {
        ...id("vpnGateways/gateway1/vpnConnections/c1"),
        name: "c1",
        properties: {
          ...onConnection,
          enableInternetSecurity: true,
          remoteVpnSite: id("vpnSites/s"),
          routingConfiguration: {
            associatedRouteTable: id("virtualHubs/h/hubRouteTables/t"),
            propagatedRouteTables: { labels: ["l"], ids: [id("virtualHubs/h/hubRouteTables/t")] },
            vnetRoutes: {
              staticRoutes: [{ name: "r", addressPrefixes: ["10.0.0.0/8"], nextHopIpAddress: "10.0.0.1" }],
              staticRoutesConfig: { vnetLocalRouteOverrideCriteria: "Equal" },
            },
            inboundRouteMap: id("virtualHubs/h/routeMaps/m"),
            outboundRouteMap: id("virtualHubs/h/routeMaps/m"),
          },
          trafficSelectorPolicies: [{ localAddressRanges: ["10.0.0.0/8"], remoteAddressRanges: ["10.1.0.0/16"] }],
          vpnLinkConnections: [
            {
              ...id("vpnGateways/gateway1/vpnConnections/c1/vpnLinkConnections/l1"),
              name: "l1",
              properties: {
                ...tunnel,
                vpnSiteLink: id("vpnSites/s/vpnSiteLinks/l"),
                vpnLinkConnectionMode: "Default",
                vpnGatewayCustomBgpAddresses: [{ ipConfigurationId: "Instance0", customBgpIpAddress: "169.254.21.1" }],
                egressNatRules: [id("vpnGateways/gateway1/natRules/n")],
                ingressNatRules: [id("vpnGateways/gateway1/natRules/n")],
              },
            },
          ],
        },
      },
      mode: "apply",
      deadlineMinutes: 60,
      queueDeadlineMinutes: 1440,
    }),
  );

test("the structure of the reference's sample has no fault", () => {
  const { data } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "..", "examples", "reference-sample.json"), "utf8"));
  const { ticket, ...request } = data;
  const { valid, findings } = judge(request, JSON.stringify(ticket));
  assert.deepEqual(findings, []);
  assert.deepEqual(valid?.target, data.target);
});

test("every field at once is valid", () => assert.deepEqual(judge(full()).findings, []));

/** Every node of a value with its path. */
function nodes(value: unknown, path: (string | number)[] = []): { value: unknown; path: (string | number)[] }[] {
  const own = { value, path };
  if (Array.isArray(value)) return [own, ...value.flatMap((item, index) => nodes(item, [...path, index]))];
  if (typeof value !== "object" || value === null) return [own];
  return [own, ...Object.entries(value).flatMap(([name, item]) => nodes(item, [...path, name]))];
}
const pointer = (path: readonly (string | number)[]) => path.map((key) => `/${key}`).join("");
function at(root: unknown, path: readonly (string | number)[]): Record<string | number, unknown> {
  return path.reduce<unknown>((node, key) => (node as Record<string | number, unknown>)[key], root) as Record<string | number, unknown>;
}

test("an added key is refused at every object, by its place", () => {
  const objects = nodes(full()).filter(
    ({ value, path }) => typeof value === "object" && !Array.isArray(value) && !path.includes("sharedKey"),
  );
  assert.ok(objects.length >= 20);
  for (const { path } of objects) {
    const data = full();
    at(data, path)["surprise"] = 1;
    const { valid, findings } = judge(data);
    assert.equal(valid, undefined);
    assert.deepEqual(
      findings.map(({ code, target }) => [code, target]),
      [["UnknownField", `${pointer(path)}/surprise`]],
    );
  }
});

test("a wrong type is refused at every node, by its place", () => {
  for (const { value, path } of nodes(full()).slice(1)) {
    for (const wrong of [typeof value === "number" ? "7" : 7, typeof value === "object" ? "text" : { an: "object" }]) {
      const data = full();
      at(data, path.slice(0, -1))[path.at(-1) ?? ""] = wrong;
      const { findings } = judge(data);
      assert.ok(
        findings.some(({ target, severity }) => severity === "error" && target === pointer(path)),
        `${pointer(path)} = ${JSON.stringify(wrong)}: ${JSON.stringify(findings)}`,
      );
    }
  }
});

const required = [
  "/target",
  "/connection",
  "/target/subscriptionId",
  "/target/resourceGroupName",
  "/target/gatewayName",
  "/target/connectionName",
  "/connection/properties",
  "/connection/properties/remoteVpnSite",
  "/connection/properties/vpnLinkConnections/0/name",
];
test("a field left out is refused where it is required, and nowhere else", () => {
  for (const { path } of nodes(full()).slice(1)) {
    if (typeof path.at(-1) === "number") continue;
    const data = full();
    Reflect.deleteProperty(at(data, path.slice(0, -1)), path.at(-1) ?? "");
    const { findings } = judge(data);
    const place = pointer(path);
    const needed =
      required.includes(place) ||
      /ipsecPolicies\/0\/(?!saDataSize)|trafficSelectorPolicies\/0\/|vpnGatewayCustomBgpAddresses\/0\//.test(place) ||
      (place.endsWith("/id") && !/connection\/id$|vpnLinkConnections\/0\/id$/.test(place));
    assert.deepEqual(
      findings.map(({ code, target }) => [code, target]),
      needed ? [["MissingField", place]] : [],
      place,
    );
  }
});

test("an enumeration has its own words only, and the message lists them", () => {
  const data = full();
  Object.assign(data.connection.properties, { vpnConnectionProtocolType: "IKEv3" });
  const [finding] = judge(data).findings;
  assert.equal(finding?.message, 'vpnConnectionProtocolType must be one of IKEv2, IKEv1. Found "IKEv3".');
});

test("all findings come at once, in order of place", () => {
  const { findings } = judge({ target: {}, connection: { properties: { routingWeight: "1" } }, deadlineMinutes: 1 });
  assert.deepEqual(
    findings.map(({ target, code }) => `${target} ${code}`),
    [
      "/connection/properties/remoteVpnSite MissingField",
      "/connection/properties/routingWeight InvalidType",
      "/deadlineMinutes OutOfRange",
      "/target/connectionName MissingField",
      "/target/gatewayName MissingField",
      "/target/resourceGroupName MissingField",
      "/target/subscriptionId MissingField",
    ],
  );
});

for (const name of ["-a", "a-", "a".repeat(81), "a/b", "", "ä"]) {
  test(`no gateway is named ${JSON.stringify(name.slice(0, 10))}`, () => {
    const data = full();
    data.target.gatewayName = name;
    assert.ok(judge(data).findings.some(({ target, code }) => target === "/target/gatewayName" && code === "InvalidFormat"));
  });
}

test("a body that names another connection is refused", () => {
  const data = full();
  data.connection.name = "other";
  data.connection.id = data.connection.id.toUpperCase();
  assert.deepEqual(
    judge(data).findings.map(({ code, target }) => [code, target]),
    [["TargetMismatch", "/connection/name"]],
  );
});

test("read-only fields are left out, each with a warning", () => {
  const data = full();
  Object.assign(data.connection, { etag: "e", type: "t" });
  Object.assign(data.connection.properties, {
    provisioningState: "Succeeded",
    connectionStatus: "Unknown",
    egressBytesTransferred: 1,
    ingressBytesTransferred: 2,
  });
  Object.assign(data.connection.properties.vpnLinkConnections[0] ?? {}, { etag: "e", type: "t" });
  Object.assign(data.connection.properties.vpnLinkConnections[0]?.properties ?? {}, {
    provisioningState: "Succeeded",
    packetCaptureDiagnosticState: "None",
  });
  const { valid, findings } = judge(data);
  assert.equal(findings.length, 10);
  assert.ok(findings.every(({ code, severity }) => code === "ReadOnlyFieldIgnored" && severity === "warning"));
  const withoutKeys = (text: unknown) => JSON.parse(JSON.stringify(text, (name, value) => (name === "sharedKey" ? "sealed" : value)));
  assert.deepEqual(withoutKeys(valid?.desired), withoutKeys(full().connection));
  assert.ok(!JSON.stringify(valid?.desired).includes("etag"));
});

test("the value of a secret never stands in a finding", () => {
  for (const secret of [12345678, true, ["very-secret"], { value: "very-secret" }]) {
    const data = full();
    Object.assign(data.connection.properties, { sharedKey: secret });
    const text = JSON.stringify(judge(data).findings);
    assert.match(text, /sharedKey must be a string, or an object with keyVaultSecretUri\. Found (?:a|an|true) /);
    assert.ok(!text.includes("very-secret") && !text.includes("12345678"));
  }
});

test("a ticket is an object of at most 4 KB", () => {
  assert.deepEqual(
    judge(full(), "[1]").findings.map(({ code }) => code),
    ["InvalidType"],
  );
  assert.deepEqual(
    judge(full(), `{"a":"${"x".repeat(4100)}"}`).findings.map(({ code }) => code),
    ["TooLarge"],
  );
  assert.deepEqual(judge(full(), `{"a":"${"x".repeat(4000)}"}`).findings, []);
});

/** A list in a place of a request: the pointer of the list, and its code. */
const longLists: readonly (readonly [place: string, most: number, code: string])[] = [
  ["/connection/properties/vpnLinkConnections", 4, "TooManyLinks"],
  ["/connection/properties/vpnLinkConnections/0/properties/ipsecPolicies", 1, "TooManyIpsecPolicies"],
  ["/connection/properties/vpnLinkConnections/0/properties/vpnGatewayCustomBgpAddresses", 32, "TooManyItems"],
  ["/connection/properties/vpnLinkConnections/0/properties/egressNatRules", 100, "TooManyItems"],
  ["/connection/properties/vpnLinkConnections/0/properties/ingressNatRules", 100, "TooManyItems"],
  ["/connection/properties/trafficSelectorPolicies", 64, "TooManyItems"],
  ["/connection/properties/trafficSelectorPolicies/0/localAddressRanges", 64, "TooManyItems"],
  ["/connection/properties/trafficSelectorPolicies/0/remoteAddressRanges", 64, "TooManyItems"],
  ["/connection/properties/routingConfiguration/propagatedRouteTables/labels", 100, "TooManyItems"],
  ["/connection/properties/routingConfiguration/propagatedRouteTables/ids", 100, "TooManyItems"],
  ["/connection/properties/routingConfiguration/vnetRoutes/staticRoutes", 100, "TooManyItems"],
  ["/connection/properties/routingConfiguration/vnetRoutes/staticRoutes/0/addressPrefixes", 100, "TooManyItems"],
];
for (const [place, most, code] of longLists) {
  const path = place.split("/").slice(1);
  const withItems = (count: number, item?: unknown) => {
    const data = full();
    const holder = at(data, path.slice(0, -1));
    const [first] = holder[path.at(-1) ?? ""] as unknown[];
    holder[path.at(-1) ?? ""] = Array(count).fill(item ?? first);
    return data;
  };
  test(`${path.at(-1)} has ${most} items at most, and the code ${code} for more`, () => {
    assert.deepEqual(judge(withItems(most)).findings, []);
    for (const count of [most + 1, 20_000]) {
      const { valid, findings } = judge(withItems(count));
      assert.equal(valid, undefined);
      assert.deepEqual(
        findings.map((finding) => [finding.code, finding.severity, finding.target, finding.message]),
        [
          [
            code,
            "error",
            place,
            `${fieldName(path.map((key) => (/^\d+$/.test(key) ? Number(key) : key)))} has ${count} items. At most ${most} ${most === 1 ? "is" : "are"} allowed.`,
          ],
        ],
      );
    }
  });
  test(`what is wrong with the first items of ${path.at(-1)} is told beside their number, and the list stays short`, () => {
    const { valid, findings } = validate(sealed(withItems(100_000, 1.5)), null);
    assert.equal(valid, undefined);
    assert.ok(findings.length <= 201);
    assert.ok(findings.some((finding) => finding.code === code && finding.target === place));
    assert.ok(findings.some((finding) => finding.code === "InvalidType" && finding.target === `${place}/0`));
  });
}

for (const [place, most] of [
  ["/connection/properties/remoteVpnSite/id", 3_000],
  ["/connection/properties/vpnLinkConnections/0/name", 512],
  ["/connection/properties/routingConfiguration/propagatedRouteTables/labels/0", 512],
  ["/connection/properties/trafficSelectorPolicies/0/localAddressRanges/0", 512],
] as const)
  test(`${place} has ${most} characters at most`, () => {
    const path = place.split("/").slice(1);
    for (const [text, isLong] of [
      ["😀".repeat(most), false],
      ["x".repeat(most + 1), true],
    ] as const) {
      const data = full();
      at(data, path.slice(0, -1))[path.at(-1) ?? ""] = text;
      const { findings } = judge(data);
      assert.deepEqual(
        findings.map(({ code, target }) => [code, target]),
        isLong ? [["TooLong", place]] : [],
      );
      assert.ok(!isLong || (findings[0]?.message.length ?? 0) < 200);
    }
  });

test("a key with thousands of fields beside its URI is refused in one sentence", () => {
  const data = full();
  const fields = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`f${index}`, "very-secret"]));
  Object.assign(data.connection.properties, { sharedKey: { keyVaultSecretUri: "https://v.vault.azure.net/secrets/s", ...fields } });
  const { findings } = judge(data);
  assert.deepEqual(
    findings.map(({ code, target }) => `${code} ${target}`),
    ["UnknownField /connection/properties/sharedKey/f0"],
  );
  assert.ok(!JSON.stringify(findings).includes("very-secret"));
});

test("a hostile request gets a bounded list", () => {
  const { findings } = judge({ ...full(), ...Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, 1])) });
  assert.equal(findings.length, 201);
  assert.equal(findings.at(-1)?.code, "Truncated");
  assert.equal(findings.at(-1)?.message, "19815 more findings were left out.");
});

for (const nothing of [null, undefined, 7, "text", []])
  test(`data that is ${JSON.stringify(nothing)} is refused`, () => assert.equal(judge(nothing).valid, undefined));

const misspelled: readonly (readonly [place: readonly (string | number)[], name: string, meant: string | null])[] = [
  [[], "deadlineMinute", "deadlineMinutes"],
  [["target"], "gatwayName", "gatewayName"],
  [["connection", "properties"], "enableBGP ", "enableBgp"],
  [["connection", "properties"], "routingweight", "routingWeight"],
  [["connection", "properties", "vpnLinkConnections", 0, "properties"], "vpnSiteLinks", "vpnSiteLink"],
  [["connection", "properties", "vpnLinkConnections", 0, "properties", "ipsecPolicies", 0], "dhGrp", "dhGroup"],
  [["connection", "properties"], "tags", null],
  [["connection", "properties"], "x".repeat(100_000), null],
];
for (const [place, name, meant] of misspelled) {
  test(`the unknown field ${name.slice(0, 20)} ${meant ? `is told from ${meant}` : "is like none that is known"}`, () => {
    const data = full();
    Object.assign(at(data, place), { [name]: 1 });
    const [finding] = judge(data).findings;
    assert.equal(finding?.code, "UnknownField");
    const advice = / Did you mean "(.*)"\?$/.exec(finding?.message ?? "")?.[1] ?? null;
    assert.equal(advice, meant);
  });
}

test("a fifth link with a key is refused as a link too many", () => {
  const link = (name: string) => ({
    name,
    properties: { vpnSiteLink: id("vpnSites/site1/vpnSiteLinks/link1"), sharedKey: "a-secret-key" },
  });
  const target = { subscriptionId: "subid", resourceGroupName: "rg1", gatewayName: "gateway1", connectionName: "c" };
  const vpnLinkConnections = ["a", "b", "c", "d", "e"].map(link);
  const { findings } = judge({ target, connection: { properties: { remoteVpnSite: id("vpnSites/site1"), vpnLinkConnections } } });
  assert.deepEqual(
    findings.map(({ code, target: at, message }) => [code, at, message]),
    [["TooManyLinks", "/connection/properties/vpnLinkConnections", "vpnLinkConnections has 5 items. At most 4 are allowed."]],
  );
});
