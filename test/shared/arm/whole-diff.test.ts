import assert from "node:assert/strict";
import { test } from "node:test";
import { createStoredConnection } from "../../../local/azure/resource-manager/defaults.ts";
import { differences } from "../../../shared/arm/comparison.ts";
import { removeSecretFields } from "../../../shared/secrets/redaction.ts";
import { everyField } from "../../support/every-field.ts";

// A plan shows everything that its PUT would send, in the same shape, except keys; and a change of
// any value alone is found.

type Path = readonly (string | number)[];
type Node = Record<string | number, unknown>;
const { connection } = everyField.data as { connection: Node & { properties: Node } };
const linksName = "vpnLinkConnections";
const copy = () => structuredClone(connection);
const hub = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualHubs/h";
const stored = (body: object) => createStoredConnection("/gw/vpnConnections/c", hub, structuredClone(body));
const at = (node: unknown, path: Path): unknown => path.reduce((found, key) => (found as Node)?.[key], node);

/** Every value of a body with its path. An empty list is one. */
function leavesOf(node: unknown, path: Path = []): { path: Path; value: unknown }[] {
  const isEmpty = Array.isArray(node) && node.length === 0;
  if (typeof node !== "object" || node === null || isEmpty) return [{ path, value: node }];
  const entries: [string | number, unknown][] = Array.isArray(node) ? [...node.entries()] : Object.entries(node);
  return entries.flatMap(([key, value]) => leavesOf(value, [...path, key]));
}
/** The pointer of a diff: a link has its name in place of its index. */
function pointerTo(body: object, path: Path): string {
  const [first, links, index, ...rest] = path;
  if (links !== linksName || index === undefined) return path.map((key) => `/${key}`).join("");
  const name = String(at(body, [first ?? "", links, index, "name"])).toLowerCase();
  return ["", first, links, name, ...rest].join("/");
}
const isKey = (path: Path) => path.includes("sharedKey");
const isIdentity = (path: Path) =>
  ["id", "name"].includes(String(path[0])) || (path[1] === linksName && ["id", "name"].includes(String(path[3])));

/** Puts each difference into an empty body. */
function bodyOf(found: ReturnType<typeof differences>): unknown {
  const body: Node = {};
  for (const { target, after } of found) {
    const path = target.split("/").slice(1);
    const holder = path.slice(0, -1).reduce<Node>((node, key) => {
      node[key] ??= {};
      return node[key] as Node;
    }, body);
    holder[path.at(-1) ?? ""] = structuredClone(after);
  }
  return body;
}
const withLinksByName = (body: { properties: Node }) => {
  const { id: _, name: __, ...rest } = removeSecretFields(body) as Node & { properties: Node };
  const links = (rest.properties[linksName] ?? []) as { name: string }[];
  return {
    ...rest,
    properties: { ...rest.properties, [linksName]: Object.fromEntries(links.map((link) => [link.name.toLowerCase(), link])) },
  };
};

test("the diff of a new connection is the body of its PUT, without keys", () => {
  const found = differences(connection, undefined);
  assert.ok(found.every(({ change, before }) => change === "add" && before === null));
  assert.deepEqual(bodyOf(found), withLinksByName(connection));
  assert.ok(!/sharedKey|keyVault/.test(JSON.stringify(found)));
});

test("each value of a new connection is also in a difference of its own property", () => {
  const targets = differences(connection, undefined).map(({ target }) => target);
  const isWhole = (target: string) => /^\/properties\/vpnLinkConnections\/[^/]+$/.test(target);
  for (const { path } of leavesOf(connection).filter(({ path: found }) => !isKey(found) && !isIdentity(found))) {
    const pointer = pointerTo(connection, path);
    const shown = targets.filter((target) => !isWhole(target) && (pointer === target || pointer.startsWith(`${target}/`)));
    assert.equal(shown.length, 1, pointer);
  }
});

test("what a request says is shown, although it is Azure's default, false or empty", () => {
  const said = { enableInternetSecurity: false, trafficSelectorPolicies: [], routingConfiguration: { propagatedRouteTables: {} } };
  const link = { name: "l", properties: { routingWeight: 0, enableBgp: false, ipsecPolicies: [], vpnConnectionProtocolType: "IKEv2" } };
  const body = { properties: { ...said, [linksName]: [link] } };
  assert.deepEqual(bodyOf(differences(body, undefined)), withLinksByName(body));
});

test("a link that is added to a connection is shown like that of a new connection", () => {
  const body = copy();
  const [first] = body.properties[linksName] as object[];
  Object.assign(body.properties, { [linksName]: [first, { ...first, name: "Second" }] });
  const found = differences(body, stored(connection));
  const ofNew = differences(body, undefined).filter(({ target }) => target.startsWith("/properties/vpnLinkConnections/second"));
  assert.deepEqual(found, ofNew);
  assert.ok(found.length > 12);
});

/** Another value of the same kind. */
function other(value: unknown, path: Path): unknown {
  const constants: Readonly<Record<string, string>> = {
    vnetLocalRouteOverrideCriteria: "Contains",
    vpnConnectionProtocolType: "IKEv1",
    vpnLinkConnectionMode: "InitiatorOnly",
  };
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  return constants[String(path.at(-1))] ?? `${value}x`;
}
const set = (body: object, path: Path, value: unknown) => {
  (at(body, path.slice(0, -1)) as Node)[path.at(-1) ?? ""] = value;
};
const writable = leavesOf(connection).filter(({ path }) => !isKey(path) && !isIdentity(path));
/** The same without any value that is Azure's default. */
const unusual = copy();
for (const { path, value } of writable) {
  const isDefault = [false, 0, 45, "IKEv2", "Default"].includes(value as never) || String(value).endsWith("/defaultRouteTable");
  if (isDefault) set(unusual, path, other(value, path));
}

for (const { path, value } of writable) {
  const pointer = pointerTo(connection, path);

  test(`another value is one difference, with the value that is asked for: ${pointer}`, () => {
    const changed = copy();
    set(changed, path, other(value, path));
    const [difference, ...more] = differences(changed, stored(connection));
    assert.deepEqual(more, []);
    assert.ok(difference && (pointer === difference.target || pointer.startsWith(`${difference.target}/`)), difference?.target);
    const depth = difference.target.split("/").length - 1;
    assert.deepEqual(difference.after, at(changed, path.slice(0, depth)));
    assert.deepEqual([difference.change, difference.before], ["set", at(connection, path.slice(0, depth))]);
  });

  test(`a value that is left out, or that the read does not show, is a difference: ${pointer}`, () => {
    const changed = structuredClone(unusual);
    const owner = path.findLastIndex((key) => typeof key === "string");
    Reflect.deleteProperty(at(changed, path.slice(0, owner)) as object, path[owner] ?? "");
    assert.ok(differences(changed, stored(unusual)).length > 0);
    const read = stored(unusual);
    Reflect.deleteProperty(at(read, path.slice(0, owner)) as object, path[owner] ?? "");
    // With links, Azure ignores these properties of the connection, and does not show them.
    const isIgnored = path.length === 2 && path[1] !== "enableInternetSecurity";
    assert.equal(differences(unusual, read).length > 0, !isIgnored);
  });
}
