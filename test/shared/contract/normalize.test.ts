import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as z from "zod";
import { jsonPointer } from "../../../shared/contract/finding.ts";
import { describeInDocument } from "../../../shared/contract/in-document.ts";
import { normalizationCodes } from "../../../shared/contract/normalize.ts";
import { emptyFields, serviceFields } from "../../../shared/contract/read-only.ts";
import { writtenDataSchema } from "../../../shared/contract/request.ts";
import { keepValidTicket } from "../../../shared/contract/ticket.ts";
import { validate } from "../../../shared/contract/validate.ts";
import { sealSecrets } from "../../../shared/secrets/sealing.ts";
import { everyField } from "../../support/every-field.ts";

// What clients and templates write in another form than the contract has it.

type Path = readonly (string | number)[];
type Node = Record<string | number, unknown>;
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly string[];
}

const ring = new Map([["k1", Buffer.alloc(32, 7)]]);
/** Judges data as the app does, and returns each finding as `code place`. */
function judge(data: unknown, raised: readonly string[] = []) {
  const document = { type: null, data: sealSecrets(data, "vpn-1", ring) };
  const { valid, findings } = validate(document.data, null, raised);
  const told = findings.map((finding) => describeInDocument(finding, document));
  const listed = (severity: string) => told.filter((one) => one.severity === severity).map(({ code, target }) => `${code} ${target}`);
  return { valid, findings: told, errors: listed("error"), warnings: listed("warning") };
}
/**
 * The desired connection with each key replaced by one word: a sealed key is never the same twice.
 */
const withoutKeys = (node: unknown) =>
  JSON.parse(JSON.stringify(node ?? null, (name, value) => (name === "sharedKey" && "sealed" in Object(value) ? "sealed" : value)));

const { ticket: _, ...all } = everyField.data as { ticket: unknown } & Node;
/** What Azure refuses on a connection with links. */
const onlyWithoutLinks: readonly unknown[] = ["connectionBandwidth", "ipsecPolicies"];
/** A valid request that has the field at a path, and every field that may be beside it. */
function whole(path: Path = []): Node {
  const data = structuredClone(all) as { connection: { properties: Node } } & Node;
  const excluded = onlyWithoutLinks.includes(path[2]) ? ["vpnLinkConnections"] : onlyWithoutLinks;
  for (const name of excluded) Reflect.deleteProperty(data.connection.properties, String(name));
  return data;
}
const at = (node: unknown, path: Path): Node => path.reduce<unknown>((found, key) => (found as Node)[key], node) as Node;

/** Every field of an object, with its schema. The items of a list are those of its first one. */
function fieldsOf(schema: Schema, path: Path = []): { path: Path; schema: Schema; isRequired: boolean }[] {
  if (schema.items) return fieldsOf(schema.items, [...path, 0]);
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    { path: [...path, name], schema: field, isRequired: schema.required?.includes(name) === true },
    ...fieldsOf(field, [...path, name]),
  ]);
}
const fields = fieldsOf(z.toJSONSchema(writtenDataSchema, { io: "input" }) as Schema).filter(({ path }) => path[0] !== "ticket");

const subscription = "/subscriptions/7c0e5b1a-2d43-4f68-8a97-b1c2d3e4f506";
const of = (path: string) => ({ id: `${subscription}/resourceGroups/rg1/providers/Microsoft.Network/${path}` });
const target = {
  subscriptionId: "7c0e5b1a-2d43-4f68-8a97-b1c2d3e4f506",
  resourceGroupName: "rg1",
  gatewayName: "gateway1",
  connectionName: "c1",
};
const linkWith = (more: object = {}) => ({ name: "link1", properties: { vpnSiteLink: of("vpnSites/site1/vpnSiteLinks/l1"), ...more } });
const dataWith = (properties: object, more: object = {}) => ({
  target,
  connection: { properties: { remoteVpnSite: of("vpnSites/site1"), ...properties }, ...more },
});
const inProperties = (name: string) => `/connection/properties/${name}`;
const onLink = (name: string) => `/connection/properties/vpnLinkConnections/0/properties/${name}`;

test("the request that has every field is valid, and normalizing leaves it as it is", () => {
  assert.ok(fields.length > 80, String(fields.length));
  const { valid, errors, warnings } = judge(whole());
  assert.deepEqual(errors, []);
  assert.deepEqual(
    warnings.filter((warning) => Object.keys(normalizationCodes).some((code) => warning.startsWith(code))),
    [],
  );
  assert.deepEqual(withoutKeys(valid?.desired), withoutKeys(at(sealSecrets(whole(), "vpn-1", ring), ["connection"])));
});

test("null on the connection counts as not given", () => {
  const { valid, findings } = judge(
    dataWith({ vpnLinkConnections: [linkWith()], connectionBandwidth: null, routingConfiguration: null, sharedKey: null }),
  );
  assert.deepEqual(findings, []);
  assert.deepEqual(valid?.desired, dataWith({ vpnLinkConnections: [linkWith()] }).connection);
});

for (const { path, isRequired } of fields) {
  const place = jsonPointer(path);
  test(`${place} that is null is the same as ${place} left out`, () => {
    const [withNull, without] = [whole(path), whole(path)];
    at(withNull, path.slice(0, -1))[path.at(-1) ?? ""] = null;
    Reflect.deleteProperty(at(without, path.slice(0, -1)), path.at(-1) ?? "");
    const [first, second] = [judge(withNull), judge(without)];
    assert.deepEqual(first.findings, second.findings);
    assert.deepEqual(withoutKeys(first.valid), withoutKeys(second.valid));
    assert.deepEqual(first.errors, isRequired ? [`MissingField ${place}`] : []);
  });
}

test("any number of nulls is the same as none of these fields", () => {
  const optional = fields.filter(({ path, isRequired }) => !isRequired && !onlyWithoutLinks.includes(path[2]));
  fc.assert(
    fc.property(fc.subarray(optional), (chosen) => {
      const [withNull, without] = [whole(), whole()];
      // The deepest first, because what is around a field may go as well.
      for (const { path } of chosen.toSorted((a, b) => b.path.length - a.path.length)) {
        at(withNull, path.slice(0, -1))[path.at(-1) ?? ""] = null;
        Reflect.deleteProperty(at(without, path.slice(0, -1)), path.at(-1) ?? "");
      }
      const [first, second] = [judge(withNull), judge(without)];
      assert.deepEqual(first.findings, second.findings);
      assert.deepEqual(withoutKeys(first.valid), withoutKeys(second.valid));
    }),
    { numRuns: 200 },
  );
});

test("null is no item of a list, no unknown field, and no whole connection", () => {
  assert.deepEqual(judge(dataWith({ vpnLinkConnections: [null] })).errors, ["InvalidType /connection/properties/vpnLinkConnections/0"]);
  assert.deepEqual(judge(dataWith({ routingWieght: null })).errors, ["UnknownField /connection/properties/routingWieght"]);
  assert.deepEqual(judge({ target, connection: null }).errors, ["MissingField /connection"]);
});

test("a reference to a secret without its URI has a missing field", () => {
  const { errors } = judge(dataWith({ sharedKey: { keyVaultSecretUri: null } }));
  assert.deepEqual(errors, ["MissingField /connection/properties/sharedKey/keyVaultSecretUri"]);
});

test("an empty key of the connection counts as not given, with a warning", () => {
  for (const properties of [{}, { vpnLinkConnections: [linkWith({ sharedKey: "Branch0042Key" })] }]) {
    const { valid, findings, warnings } = judge(dataWith({ ...properties, sharedKey: "" }));
    assert.deepEqual(warnings, ["EmptyKeyIgnored /connection/properties/sharedKey"]);
    assert.equal(findings[0]?.message, "sharedKey is empty and was ignored. Leave it out, or give a key.");
    assert.deepEqual(withoutKeys(valid?.desired), withoutKeys(judge(dataWith(properties)).valid?.desired));
  }
});

test("an empty key of a link is an error: Azure would make a key that the branch does not have", () => {
  const { errors } = judge(dataWith({ vpnLinkConnections: [linkWith({ sharedKey: "" })] }));
  assert.deepEqual(errors, [`SharedKeyLength ${onLink("sharedKey")}`]);
});

test("words may have any letter case, and are sent as Azure spells them", () => {
  const { valid, findings } = judge(
    dataWith({ vpnLinkConnections: [linkWith({ vpnConnectionProtocolType: "IKEV2", vpnLinkConnectionMode: "default" })] }),
  );
  assert.deepEqual(findings, []);
  const sent = dataWith({ vpnLinkConnections: [linkWith({ vpnConnectionProtocolType: "IKEv2", vpnLinkConnectionMode: "Default" })] });
  assert.deepEqual(valid?.desired, sent.connection);
});

const listed = fields.filter(({ schema }) => schema.enum);
for (const { path, schema } of listed)
  test(`${jsonPointer(path)} is the same in every letter case`, () => {
    for (const word of schema.enum ?? []) {
      const written = (spelling: string) => {
        const data = whole(path);
        at(data, path.slice(0, -1))[path.at(-1) ?? ""] = spelling;
        return judge(data);
      };
      const expected = written(word);
      const swapped = [...word].map((sign) => (sign === sign.toLowerCase() ? sign.toUpperCase() : sign.toLowerCase())).join("");
      for (const spelling of [word.toLowerCase(), word.toUpperCase(), swapped]) {
        const found = written(spelling);
        assert.deepEqual(found.findings, expected.findings, spelling);
        assert.deepEqual(withoutKeys(found.valid), withoutKeys(expected.valid), spelling);
      }
      assert.deepEqual(written(`${word} `).errors.includes(`InvalidValue ${jsonPointer(path)}`), true);
    }
  });
test("an instance of the gateway may have any letter case, and is sent as Azure spells it", () => {
  const addresses = (ipConfigurationId: string) => [{ ipConfigurationId, customBgpIpAddress: "169.254.21.1" }];
  const [found, expected] = ["instance1", "Instance1"].map((name) =>
    judge(dataWith({ vpnLinkConnections: [linkWith({ enableBgp: true, vpnGatewayCustomBgpAddresses: addresses(name) })] })),
  );
  assert.ok(expected?.valid);
  assert.deepEqual(found, expected);
});

test("a ticket that is null counts as not given", () => {
  assert.deepEqual(validate(sealSecrets(dataWith({}), "vpn-1", ring), "null").findings, []);
  assert.equal(keepValidTicket("null"), null);
});

test("the reader of the schema sees every list of words", () => assert.equal(listed.length, 17));

/** A connection as `az resource show` prints it. */
const fromCli = () => ({
  ...of("vpnGateways/gateway1/vpnConnections/c1"),
  name: "c1",
  etag: 'W/"1"',
  type: "Microsoft.Network/vpnGateways/vpnConnections",
  resourceGroup: "rg1",
  ...Object.fromEntries(emptyFields.map((name) => [name, null])),
  properties: {
    provisioningState: "Succeeded",
    remoteVpnSite: { ...of("vpnSites/site1"), resourceGroup: "rg1" },
    ingressBytesTransferred: 0,
    egressBytesTransferred: 0,
    routingConfiguration: {
      associatedRouteTable: { ...of("virtualHubs/h/hubRouteTables/defaultRouteTable"), resourceGroup: "rg1" },
      propagatedRouteTables: { ids: [{ ...of("virtualHubs/h/hubRouteTables/t"), resourceGroup: "rg1" }], labels: ["default"] },
    },
    vpnLinkConnections: [
      {
        ...of("vpnGateways/gateway1/vpnConnections/c1/vpnLinkConnections/link1"),
        name: "link1",
        etag: 'W/"1"',
        type: "Microsoft.Network/vpnGateways/vpnConnections/vpnLinkConnections",
        resourceGroup: "rg1",
        properties: {
          provisioningState: "Succeeded",
          vpnSiteLink: { ...of("vpnSites/site1/vpnSiteLinks/l1"), resourceGroup: "rg1" },
          connectionStatus: "NotConnected",
          connectionStatusDetails: [{ status: "NotConnected" }],
          packetCaptureDiagnosticState: "None",
          ipsecPolicies: [],
          routingWeight: 0,
          sharedKey: null,
        },
      },
    ],
  },
});

test("what the Azure CLI shows of a connection can be sent back", () => {
  const { valid, errors, warnings } = judge({ target, connection: fromCli() });
  assert.deepEqual(errors, []);
  const ignored = warnings.filter((warning) => warning.startsWith("ReadOnlyFieldIgnored "));
  assert.equal(ignored.length, 26);
  assert.deepEqual(ignored, warnings);
  const names: readonly string[] = JSON.stringify(valid?.desired).match(/"\w+":/g) ?? [];
  for (const name of ["resourceGroup", "tags", "connectionStatusDetails", "etag"]) assert.ok(!names.includes(`"${name}":`), name);
});

for (const name of emptyFields)
  test(`${name} with a value is refused`, () => {
    for (const value of ["x", {}, { a: "b" }, []])
      assert.deepEqual(judge(dataWith({}, { [name]: value })).errors, [`UnknownField /connection/${name}`]);
    assert.deepEqual(judge(dataWith({ [name]: null })).errors, [`UnknownField ${inProperties(name)}`]);
  });

test("a field of the service in another place is refused", () => {
  for (const name of serviceFields) {
    const { errors } = judge({ ...dataWith({ routingConfiguration: { [name]: "x" } }), [name]: 1 });
    assert.deepEqual(
      errors.toSorted(),
      [`UnknownField /${name}`, `UnknownField /connection/properties/routingConfiguration/${name}`].toSorted(),
    );
  }
});

test("a raised warning about another form is an error", () => {
  for (const code of Object.keys(normalizationCodes)) {
    const data = dataWith({ sharedKey: "", ipsecPolicies: [policyWithout("saDataSizeKilobytes")] }, { etag: "x" });
    assert.equal(judge(data, [code]).errors[0]?.split(" ")[0], code);
  }
});

test("a flattened body is refused, and each property has the hint where it belongs", () => {
  const { properties, ...resource } = fromCli();
  const { findings } = judge({ target, connection: { ...resource, ...properties } });
  const errors = findings.filter(({ severity }) => severity === "error").map(({ target: place, message }) => [place, message]);
  const hint = (name: string) => [`/connection/${name}`, `Unknown field "${name}". It belongs under "properties" of the connection.`];
  assert.deepEqual(errors, [
    ["/connection/properties", "connection.properties is required."],
    hint("remoteVpnSite"),
    hint("routingConfiguration"),
    hint("vpnLinkConnections"),
  ]);
});

test("each property of a connection and of a link has the hint if it is beside properties", () => {
  for (const [path, owner] of [
    [["connection"], "connection"],
    [["connection", "properties", "vpnLinkConnections", 0], "link connection"],
  ] as const)
    for (const [name, value] of Object.entries(at(whole(), [...path, "properties"]))) {
      const data = whole();
      Object.assign(at(data, path), { [name]: value });
      const errors = judge(data).findings.filter(({ severity }) => severity === "error");
      assert.deepEqual(
        errors.map(({ code, target: place }) => [code, place]),
        [["UnknownField", jsonPointer([...path, name])]],
      );
      assert.match(errors[0]?.message ?? "", new RegExp(`Unknown field "${name}"\\. It belongs under "properties" of the ${owner}\\.$`));
    }
});

const policy = {
  saLifeTimeSeconds: 3600,
  saDataSizeKilobytes: 0,
  ipsecEncryption: "AES256",
  ipsecIntegrity: "SHA256",
  ikeEncryption: "AES256",
  ikeIntegrity: "SHA256",
  dhGroup: "DHGroup14",
  pfsGroup: "PFS14",
};
function policyWithout(name: string): object {
  return Object.fromEntries(Object.entries(policy).filter(([field]) => field !== name));
}

test("an IPsec policy without a data size gets 0, with a warning, on the connection and on a link", () => {
  for (const left of [policyWithout("saDataSizeKilobytes"), { ...policy, saDataSizeKilobytes: null }])
    for (const [data, place, full] of [
      [dataWith({ ipsecPolicies: [left] }), inProperties("ipsecPolicies"), dataWith({ ipsecPolicies: [policy] })],
      [
        dataWith({ vpnLinkConnections: [linkWith({ ipsecPolicies: [left] })] }),
        onLink("ipsecPolicies"),
        dataWith({ vpnLinkConnections: [linkWith({ ipsecPolicies: [policy] })] }),
      ],
    ] as const) {
      const { valid, warnings } = judge(data);
      assert.deepEqual(warnings, [`SaDataSizeMissing ${place}/0/saDataSizeKilobytes`]);
      assert.deepEqual(valid?.desired, full.connection);
    }
});

test("an IPsec policy without another property is refused: the service has no default for it", () => {
  for (const name of Object.keys(policy).filter((field) => field !== "saDataSizeKilobytes"))
    assert.deepEqual(judge(dataWith({ ipsecPolicies: [policyWithout(name)] })).errors, [
      `MissingField ${inProperties("ipsecPolicies")}/0/${name}`,
    ]);
});

test("a template that writes every default beside its links has warnings only", () => {
  const { errors, warnings } = judge(
    dataWith({
      connectionBandwidth: null,
      enableBgp: false,
      enableInternetSecurity: false,
      enableRateLimiting: false,
      ipsecPolicies: [],
      routingConfiguration: null,
      routingWeight: 0,
      sharedKey: "",
      trafficSelectorPolicies: [],
      useLocalAzureIpAddress: false,
      usePolicyBasedTrafficSelectors: false,
      vpnConnectionProtocolType: "IKEv2",
      vpnLinkConnections: [linkWith()],
    }),
  );
  assert.deepEqual(errors, []);
  assert.ok(warnings.includes("EmptyKeyIgnored /connection/properties/sharedKey"));
});
