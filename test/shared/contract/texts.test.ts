import assert from "node:assert/strict";
import { test } from "node:test";
import { checksOf } from "../../../shared/arm/preflight.ts";
import { cancelDataSchema } from "../../../shared/contract/cancel.ts";
import { cutToSchema } from "../../../shared/contract/cut.ts";
import type { Finding } from "../../../shared/contract/finding.ts";
import { describeInDocument } from "../../../shared/contract/in-document.ts";
import { invalidity } from "../../../shared/contract/invalidity.ts";
import { readMessage } from "../../../shared/contract/message.ts";
import { judgeStructure } from "../../../shared/contract/structure.ts";
import { validate } from "../../../shared/contract/validate.ts";
import { unsupportedVersion } from "../../../shared/contract/versions.ts";
import { sealSecrets } from "../../../shared/secrets/sealing.ts";
import { assertPlain } from "../../support/plain-text.ts";
import { sampleEvent } from "../../support/sample.ts";

// What requesters read: the text and the place of a finding for each kind of fault.

type Json = Record<string, never>;
const ring = new Map([["k1", new Uint8Array(32)]]);

/** Returns the findings of the sample after a change of its data. */
function findingsAfter(
  change: (parts: { data: Json; target: Json; properties: Json; link: Json; own: Json }) => void,
  type: string | null,
) {
  const { ticket, ...data } = sampleEvent().data as unknown as Json & { ticket: unknown };
  const { target, connection } = data as unknown as { target: Json; connection: { properties: Json } };
  const link = (connection.properties["vpnLinkConnections"] as unknown as Json[])[0] as Json;
  link["name"] = "link1" as never;
  change({ data: data as Json, target, properties: connection.properties, link, own: link["properties"] as unknown as Json });
  const document = { type, data: sealSecrets(data, "vpn-1", ring) };
  return validate(document.data, JSON.stringify(ticket)).findings.map((finding) => describeInDocument(finding, document));
}

type Change = Parameters<typeof findingsAfter>[0];
const set =
  (part: "data" | "target" | "properties" | "link" | "own", fields: object): Change =>
  (parts) => {
    Object.assign(parts[part], fields);
  };
const secretAt = (keyVaultSecretUri: unknown, more: object = {}) => set("own", { sharedKey: { keyVaultSecretUri, ...more } });
const link = "/data/connection/properties/vpnLinkConnections/0";

const texts: readonly (readonly [change: Change, target: string, message: string])[] = [
  [({ target }) => Reflect.deleteProperty(target, "gatewayName"), "/data/target/gatewayName", "gatewayName is required."],
  [({ data }) => Reflect.deleteProperty(data, "target"), "/data/target", "target is required."],
  [({ link }) => Reflect.deleteProperty(link, "name"), `${link}/name`, "Link number 1: name is required."],
  [
    set("own", { dpdTimeoutSeconds: 5 }),
    `${link}/properties/dpdTimeoutSeconds`,
    "Link 'link1': dpdTimeoutSeconds must be between 9 and 3600. Found 5. Use 0 for Azure's default.",
  ],
  [set("data", { deadlineMinutes: 3 }), "/data/deadlineMinutes", "deadlineMinutes must be between 5 and 1440. Found 3."],
  [set("data", { deadlineMinutes: 7.5 }), "/data/deadlineMinutes", "deadlineMinutes must be a whole number. Found 7.5."],
  [set("own", { routingWeight: "1" }), `${link}/properties/routingWeight`, "Link 'link1': routingWeight must be a number. Found \"1\"."],
  [
    set("own", { vpnConnectionProtocolType: "IKEv3" }),
    `${link}/properties/vpnConnectionProtocolType`,
    "Link 'link1': vpnConnectionProtocolType must be one of IKEv2, IKEv1. Found \"IKEv3\".",
  ],
  [
    set("target", { gatewayName: "gw!" }),
    "/data/target/gatewayName",
    'gatewayName must have 1 to 80 letters, digits, "_", "." or "-", start with a letter or digit, and end with a letter, digit or "_". Found "gw!".',
  ],
  [
    ({ data }) => Object.assign((data as unknown as { connection: object }).connection, { name: "x".repeat(600) }),
    "/data/connection/name",
    "connection.name has 600 characters. At most 512 are allowed.",
  ],
  [set("own", { enableBpg: true }), `${link}/properties/enableBpg`, 'Link \'link1\': Unknown field "enableBpg". Did you mean "enableBgp"?'],
  [
    set("target", { region: "west" }),
    "/data/target/region",
    'Unknown field "region". Allowed in target: subscriptionId, resourceGroupName, gatewayName, connectionName.',
  ],
  [
    secretAt("https://v.vault.azure.net/secrets/s", { version: "7" }),
    `${link}/properties/sharedKey/version`,
    "Link 'link1': Unknown field \"version\". Only keyVaultSecretUri is allowed here; put the version at the end of the URI.",
  ],
  [
    secretAt("http://v.vault.azure.net/secrets/s"),
    `${link}/properties/sharedKey/keyVaultSecretUri`,
    "Link 'link1': keyVaultSecretUri must start with https://, for example https://myvault.vault.azure.net/secrets/vpn-branch-0042.",
  ],
  [secretAt(7), `${link}/properties/sharedKey/keyVaultSecretUri`, "Link 'link1': keyVaultSecretUri must be a string. Found a number."],
  [
    set("own", { sharedKey: ["a"] }),
    `${link}/properties/sharedKey`,
    "Link 'link1': sharedKey must be a string, or an object with keyVaultSecretUri. Found a list.",
  ],
  [
    set("own", { vpnGatewayCustomBgpAddresses: [{ ipConfigurationId: "Instance0", customBgpIpAddress: "169.254.21.5" }] }),
    `${link}/properties/vpnGatewayCustomBgpAddresses`,
    "Link 'link1': Custom BGP addresses have no effect unless enableBgp is true on the same link.",
  ],
  [
    ({ properties, link }) => Object.assign(properties, { vpnLinkConnections: [link, structuredClone(link)] }),
    "/data/connection/properties/vpnLinkConnections/1/name",
    "Link 'link1': Two links are called link1. Give each link its own name.",
  ],
  [
    ({ properties, link }) => Object.assign(properties, { vpnLinkConnections: Array(5).fill(link) }),
    "/data/connection/properties/vpnLinkConnections",
    "vpnLinkConnections has 5 items. At most 4 are allowed.",
  ],
  [
    set("own", { provisioningState: "Succeeded" }),
    `${link}/properties/provisioningState`,
    "Link 'link1': \"provisioningState\" is read-only and was ignored.",
  ],
  [
    set("properties", { dpdTimeoutSeconds: 45 }),
    "/data/connection/properties/dpdTimeoutSeconds",
    "dpdTimeoutSeconds has no effect on a connection that has links. Set it on each link instead.",
  ],
];
for (const [change, target, message] of texts) {
  test(`an event: ${target.slice(-40)}: ${message.slice(0, 60)}`, () => {
    const found = findingsAfter(change, "vpn-connection.provision.requested.v1");
    assert.deepEqual(found.find((finding) => finding.target === target)?.message, message, JSON.stringify(found));
    assertPlain(message);
  });
  test(`a bare body: ${target.slice(-40)}: ${message.slice(0, 60)}`, () => {
    const found = findingsAfter(change, null).find((finding) => `/data${finding.target}` === target);
    assert.equal(found?.message, message);
  });
}

test("a long name of a link is cut, and a link without a usable name is counted", () => {
  const prefixOf = (name: unknown) => {
    const found = findingsAfter((parts) => set("own", { routingWeight: -1 })({ ...parts, link: Object.assign(parts.link, { name }) }), "t");
    return found.find(({ code }) => code === "RoutingWeightOutOfRange")?.message.split(":")[0];
  };
  assert.equal(prefixOf("x".repeat(500)), `Link '${"x".repeat(80)}…'`);
  for (const name of ["", 7, null, {}]) assert.equal(prefixOf(name), "Link number 1");
});

const envelope = { specversion: "1.0", type: "t", source: "/s", id: "1", data: {} };
const refused: readonly (readonly [body: unknown, target: string, message: string])[] = [
  [[], "", "The body must be a JSON object."],
  [{ ...envelope, specversion: "2" }, "/specversion", 'specversion must be "1.0". Found "2".'],
  [{ ...envelope, id: 5 }, "/id", "id must be a string that is not a number, for example a UUID. Found 5."],
  [{ ...envelope, id: undefined }, "/id", "id is required."],
  [{ ...envelope, type: undefined }, "/type", "type is required."],
  [{ ...envelope, source: "" }, "/source", 'source must be a string of 1 to 128 printable characters. Found "".'],
  [{ ...envelope, subject: 7 }, "/subject", "subject must be a string. Found 7."],
  [{ ...envelope, subject: "s".repeat(3_000) }, "/subject", "subject has 3000 characters. At most 2048 are allowed."],
];
for (const [body, target, message] of refused) {
  test(`a message that cannot be read: ${message}`, () => {
    const read = readMessage({
      body: Buffer.from(JSON.stringify(body)),
      messageId: "m",
      messageIdIsExact: true,
      contentType: "application/cloudevents+json",
      applicationProperties: {},
      queue: "q",
    });
    assert.ok("unreadable" in read);
    assert.deepEqual([read.target, read.unreadable], [target, message]);
    assertPlain(message);
  });
}

test("an event type that is not supported", () => {
  assert.match(unsupportedVersion("x.v9") ?? "", /^The event type "x\.v9" is not supported\. Use vpn-connection\.\S+ or \S+\.$/);
});

const at = "/subscriptions/s/resourceGroups/rg1/providers/Microsoft.Network";
const missingIn = (id: string) => {
  const target = { subscriptionId: "s", resourceGroupName: "rg1", gatewayName: "gateway99", connectionName: "c" };
  const links = [{ name: "link1", properties: { egressNatRules: [{ id: `${at}/vpnGateways/gateway99/natRules/nat1` }] } }];
  const properties = { remoteVpnSite: { id: `${at}/vpnSites/site9` }, vpnLinkConnections: links };
  const { ids, findingsOf } = checksOf({ target, desired: { properties } });
  const readings = new Map(ids.map((each) => [each.toLowerCase(), each === id ? ("missing" as const) : {}]));
  return findingsOf(readings).map(({ finding }) => describeInDocument(finding, { type: "t", data: { connection: { properties } } }));
};
for (const [id, target, message] of [
  [`${at}/vpnGateways/gateway99`, "/data/target/gatewayName", "VPN gateway gateway99 does not exist in resource group rg1."],
  [`${at}/vpnSites/site9`, "/data/connection/properties/remoteVpnSite/id", "VPN site site9 does not exist in resource group rg1."],
  [
    `${at}/vpnGateways/gateway99/natRules/nat1`,
    `${link}/properties/egressNatRules/0/id`,
    "Link 'link1': NAT rule nat1 of VPN gateway gateway99 does not exist in resource group rg1.",
  ],
] as const)
  test(`a resource that does not exist: ${message}`, () => {
    assert.deepEqual(
      missingIn(id).map((finding) => [finding.target, finding.message]),
      [[target, message]],
    );
    assertPlain(message);
  });

test("a cancellation without an id", () => {
  const { findings } = judgeStructure(cutToSchema({ requestSource: "/s" }, cancelDataSchema, 10), cancelDataSchema);
  const told = findings.map((finding) => describeInDocument(finding, { type: "cancel", data: {} }));
  assert.deepEqual(
    told.map(({ target, message }) => [target, message]),
    [["/data/requestId", "requestId is required."]],
  );
});

test("an invalid request quotes its first error, and counts correctly", () => {
  const finding = (severity: Finding["severity"], message: string, code = "X"): Finding => ({
    code,
    severity,
    message,
    target: "",
    actor: "requester",
  });
  const [warning, first, second] = [finding("warning", "W."), finding("error", "A is wrong."), finding("error", "B is wrong.")];
  const messageOf = (...findings: Finding[]) => invalidity("request", findings).message;
  assert.equal(messageOf(warning, first), "The request has 1 error. A is wrong.");
  assert.equal(messageOf(first, second), "The request has 2 errors; the first: A is wrong.");
  assert.equal(messageOf(first, second, finding("warning", "", "Truncated")), "The request has at least 2 errors; the first: A is wrong.");
});
