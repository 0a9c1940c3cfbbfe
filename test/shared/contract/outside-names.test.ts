import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import example from "../../../examples/every-section.json" with { type: "json" };
import { openKeys } from "../../../functions/activities/open-keys.ts";
import { differences, isSameConnection } from "../../../shared/arm/comparison.ts";
import { checksOf } from "../../../shared/arm/preflight.ts";
import { stateOf } from "../../../shared/arm/response.ts";
import { readMessage } from "../../../shared/contract/message.ts";
import { type ValidRequest, validate } from "../../../shared/contract/validate.ts";
import { keepKeys, keyDifferences, noKeys, recallKeys } from "../../../shared/durable/connection-keys.ts";
import { sealSecrets } from "../../../shared/secrets/sealing.ts";
import { readSealAndValidate } from "../../support/cost-of-message.ts";
import { everyField } from "../../support/every-field.ts";

// A name from outside may be one that every object has. It is a name like any other: nothing of
// ours may be found under it.

const names = [...Object.getOwnPropertyNames(Object.prototype), "prototype", "then", "toJSON"];
const ring = new Map([["k1", Buffer.alloc(32, 7)]]);

type Json = Record<string, unknown>;
const copy = (value: object): Json => JSON.parse(JSON.stringify(value)) as Json;
/** As JSON.parse does it, which makes a field even of `__proto__`. */
const put = (holder: object, name: string, value: unknown) =>
  Object.defineProperty(holder, name, { value, enumerable: true, writable: true, configurable: true });

function judged(
  event: object,
  applicationProperties: Json = {},
): { valid?: ValidRequest; findings: readonly { code: string; target: string }[] } {
  const read = readMessage({
    body: Buffer.from(JSON.stringify(event)),
    messageId: "m-1",
    messageIdIsExact: true,
    contentType: undefined,
    applicationProperties,
    queue: "q",
  });
  assert.ok(!("unreadable" in read), "unreadable" in read ? read.unreadable : "");
  return validate(JSON.parse(JSON.stringify(sealSecrets(read.data, "vpn-1", ring))), read.ticket);
}

/** Every object of a document with the path that leads to it. */
function objectsIn(node: unknown, path: readonly string[] = []): { node: object; path: readonly string[] }[] {
  if (typeof node !== "object" || node === null) return [];
  const within = Object.entries(node).flatMap(([name, value]) => objectsIn(value, [...path, name]));
  return Array.isArray(node) ? within : [{ node, path }, ...within];
}

for (const name of names) {
  test(`a field called ${name} is refused by its place at every object of a request`, () => {
    const places = objectsIn(copy(everyField.data)).filter(({ path }) => !path.includes("ticket") && !path.includes("sharedKey"));
    assert.ok(places.length > 15);
    for (const { path } of places) {
      const event = copy(everyField);
      const place = objectsIn(event["data"]).find(({ path: other }) => other.join("/") === path.join("/"));
      put(place?.node ?? {}, name, { constructor: 1 });
      const targets = judged(event).findings.filter(({ code }) => code === "UnknownField");
      assert.deepEqual(
        targets.map(({ target }) => target),
        [["", ...path, name].join("/")],
      );
    }
  });

  test(`a link called ${name} is a link`, async () => {
    const event = copy(example);
    const { properties } = (event["data"] as { connection: { properties: { vpnLinkConnections: Json[] } } }).connection;
    properties.vpnLinkConnections = [{ ...properties.vpnLinkConnections[0], name }];
    const { valid, findings } = judged(event);
    assert.ok(valid, JSON.stringify(findings));
    const owner = { instanceId: "vpn-1", requestSource: "/test", requestType: null, target: valid.target, desired: valid.desired };
    const opened = await openKeys(owner, { keys: ring, keyVault: undefined as never });
    assert.ok("ok" in opened);
    const { given } = opened.ok;
    assert.ok(keyDifferences(given, noKeys).some(({ target, after }) => target.includes(`/${name.toLowerCase()}/`) && after === "unknown"));
    assert.deepEqual(keyDifferences(given, recallKeys(keepKeys({}, "c", [], given), "c")), []);
    assert.ok(isSameConnection(valid.desired, copy(valid.desired)));
    const [added, ...others] = differences(valid.desired, { properties: { vpnLinkConnections: [] } }).filter(({ target }) =>
      /^.properties.vpnLinkConnections/.test(target),
    );
    assert.deepEqual([added?.change, added?.target.endsWith(`/${name.toLowerCase()}`)], ["add", true]);
    assert.ok(others.every(({ change, target }) => change === "add" && target.startsWith(`${added?.target}/properties/`)));
    assert.ok(checksOf(valid).findingsOf(new Map()).length > 0);
  });

  test(`what a request names may be called ${name}`, () => {
    const text = JSON.stringify(example).replaceAll(/hubRouteTables\/[^"/]+/g, `hubRouteTables/${name}`);
    const event = JSON.parse(text) as Json;
    const data = event["data"] as { connection: { properties: { routingConfiguration: { propagatedRouteTables: { labels: unknown } } } } };
    data.connection.properties.routingConfiguration.propagatedRouteTables.labels = [name];
    put(event["data"] as object, "ticket", put({}, name, { [name]: name }));
    const { valid } = judged(event);
    assert.ok(valid);
    assert.ok(differences(valid.desired, example.data.connection).length > 0);
  });

  test(`an attribute or a property called ${name} is none of ours, and a word called so is none`, () => {
    // CloudEvents allows such a name for an extension attribute, or it does not.
    const isAttribute = /^[a-z0-9]+$/.test(name);
    const isRefused = typeof readSealAndValidate(Buffer.from(JSON.stringify(put(copy(example), name, 1)))) === "string";
    assert.equal(isRefused, !isAttribute);
    const binary = { cloudEvents_specversion: "1.0", cloudEvents_type: example.type, cloudEvents_id: "1", cloudEvents_source: "/s" };
    const properties = put(put({ ...binary }, name, 1), isAttribute ? `cloudEvents_${name}` : `other_${name}`, "x") as Json;
    assert.ok(judged(example.data, properties).valid);
    assert.equal(stateOf(name), "InProgress");
    const routes = (...staticRoutes: object[]) => ({ properties: { routingConfiguration: { vnetRoutes: { staticRoutes } } } });
    assert.ok(!isSameConnection(routes({ name }), routes({})));
    const event = JSON.parse(JSON.stringify(example).replaceAll(/"dhGroup":"[^"]+"/g, `"dhGroup":"${name}"`)) as Json;
    assert.ok(judged(event).findings.some(({ code }) => code === "InvalidValue"));
    const other = { properties: { vpnLinkConnections: [{ name, properties: { ipsecPolicies: [{ dhGroup: name }] } }] } };
    assert.ok(differences(example.data.connection, other).length > 0);
  });
}

test("whatever objects hold under such names, a message is read, sealed and judged without an exception", () => {
  const name = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...names) },
    fc.constantFrom("data", "target", "connection", "properties", "name", "id", "ticket"),
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      name,
      fc.constantFrom(null, 0, true),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.array(fc.tuple(name, tie("value")), { maxLength: 4 }).map((fields) => Object.fromEntries(new Map(fields))),
    ),
  }));
  const properties = fc.dictionary(
    name.map((text) => `cloudEvents_${text}`),
    fc.oneof(name, fc.constant(1)),
  );
  fc.assert(
    fc.property(value, value, properties, (data, beside, applicationProperties) => {
      readSealAndValidate(Buffer.from(JSON.stringify(data)), applicationProperties);
      const envelope = { specversion: "1.0", type: "t", id: "1", source: "/s" };
      readSealAndValidate(Buffer.from(JSON.stringify({ ...envelope, data })));
      readSealAndValidate(Buffer.from(JSON.stringify({ ...envelope, data: { target: beside, connection: { properties: data } } })));
      differences(data, beside);
    }),
    { numRuns: 1_000 },
  );
});
