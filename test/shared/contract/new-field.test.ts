import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as z from "zod";
import { createStoredConnection } from "../../../local/azure/resource-manager/defaults.ts";
import { differences, isSameConnection } from "../../../shared/arm/comparison.ts";
import { checksOf } from "../../../shared/arm/preflight.ts";
import { type VpnConnection, writtenConnectionSchema } from "../../../shared/contract/connection.ts";
import type { ValidRequest } from "../../../shared/contract/validate.ts";
import { validate } from "../../../shared/contract/validate.ts";
import { suggestsSecret } from "../../../shared/secrets/redaction.ts";
import { isSealed, sealSecrets } from "../../../shared/secrets/sealing.ts";
import { everyField } from "../../support/every-field.ts";

// What a new field of the connection needs beside its line in the schema: the steps of the
// checklist in CONTRIBUTING.md that no other test holds. The fields come from the schema, so a new
// one is tested, too.

type Path = readonly (string | number)[];
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly string[];
  readonly description?: string;
}
interface Leaf {
  readonly path: Path;
  readonly schema: Schema;
}

/**
 * Returns every field that holds a value: a list of texts is one, of other lists the first item.
 */
function leavesOf(schema: Schema, path: Path = []): Leaf[] {
  if (schema.properties) return Object.entries(schema.properties).flatMap(([name, field]) => leavesOf(field, [...path, name]));
  if (schema.items?.properties) return leavesOf(schema.items, [...path, 0]);
  return [{ path, schema }];
}
const root = z.toJSONSchema(writtenConnectionSchema, { io: "input" }) as Schema;
const leaves = leavesOf(root);
const pointer = (path: Path) => path.map((key) => `/${key}`).join("");

const { data } = everyField as { data: { connection: VpnConnection; target: ValidRequest["target"] } };
const connection = () => structuredClone(data.connection);
/** Azure takes the properties of a tunnel on the connection only if it has no links. */
const withoutLinks = () => {
  const whole = connection();
  Reflect.deleteProperty(whole.properties, "vpnLinkConnections");
  return whole;
};
const at = (node: unknown, path: Path): unknown => path.reduce((found, key) => (found as Record<string | number, unknown>)?.[key], node);
function put(node: unknown, path: Path, value: unknown): void {
  (at(node, path.slice(0, -1)) as Record<string | number, unknown>)[path.at(-1) ?? ""] = value;
}
const isIdentity = ({ path }: Leaf) => ["/id", "/name", "/properties/vpnLinkConnections/0/id"].includes(pointer(path));
const isSecret = ({ schema }: Leaf) => schema.anyOf?.some(({ properties }) => properties?.["keyVaultSecretUri"]) === true;
const isReference = (leaf: Leaf) => leaf.path.at(-1) === "id" && !isIdentity(leaf);

test("the reader of the schema sees its fields", () => {
  assert.ok(leaves.length > 50);
  assert.equal(leaves.filter(isSecret).length, 2);
  assert.ok(leaves.filter(isReference).length >= 8);
});

for (const leaf of leaves) {
  const name = pointer(leaf.path);

  test(`${name} has a description`, () => assert.ok(leaf.schema.description));

  test(`${name} is in the request that has every field`, () => assert.notEqual(at(data.connection, leaf.path), undefined));

  if (isSecret(leaf)) {
    test(`${name} is sealed, and known as a secret by its name`, () => {
      assert.ok(suggestsSecret(String(leaf.path.at(-1))));
      const written = connection();
      put(written, leaf.path, "a-key-of-16-signs");
      const sealed = sealSecrets({ connection: written }, "vpn-1", new Map([["k1", Buffer.alloc(32, 7)]]));
      assert.ok(isSealed(at(sealed, ["connection", ...leaf.path])));
    });
    continue;
  }
  if (isIdentity(leaf)) continue;

  test(`${name} is compared: a change of it alone is found, and shown in the diff`, () => {
    const hasLink = leaf.path.includes("vpnLinkConnections");
    const before = hasLink ? connection() : withoutLinks();
    const after = structuredClone(before);
    put(after, leaf.path, other(at(before, leaf.path), leaf.schema));
    assert.ok(isSameConnection(before, stored(before)), "the request is not the same as what Azure stores of it");
    assert.ok(!isSameConnection(after, stored(before)), "the change is not found");
    const shown = differences(after, stored(before)).map(({ target }) => target.toLowerCase());
    const link = before.properties.vpnLinkConnections?.[0]?.name ?? "";
    const place = name.replace("/vpnLinkConnections/0", `/vpnLinkConnections/${link}`).toLowerCase();
    // A link is known by its name, so another name is another link.
    const ofLink = place.slice(0, place.lastIndexOf("/"));
    const found = shown.some((target) => place === target || place.startsWith(`${target}/`));
    assert.ok(found || (name.endsWith("/0/name") && shown.includes(ofLink)), `${place} is not in ${shown.join(", ")}`);
  });

  if (!isReference(leaf)) continue;

  test(`${name} is a reference: another type of resource is an error, and the resource is looked up in Azure`, () => {
    const wrong = connection();
    put(wrong, leaf.path, "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/publicIPAddresses/p");
    const { findings } = validate({ target: data.target, connection: wrong }, null);
    const place = `/connection${name}`;
    assert.ok(
      findings.some((finding) => finding.severity === "error" && finding.target.endsWith(place) && finding.code === "InvalidResourceId"),
    );
    const { ids } = checksOf({ target: data.target, desired: data.connection });
    // The site's own answer has its links.
    if (!name.includes("/vpnSiteLink/")) assert.ok(ids.includes(String(at(data.connection, leaf.path))));
  });
}

/**
 * Routes into a virtual network have no meaning on a branch. No example uses policy-based
 * selectors.
 */
const inNoExample = ["addressPrefixes", "localAddressRanges", "nextHopIpAddress", "remoteAddressRanges", "vnetLocalRouteOverrideCriteria"];

test("an example shows every field, a few aside", () => {
  const shown = globSync("examples/**/*.json", { cwd: join(import.meta.dirname, "..", "..", "..") })
    .map((path) => readFileSync(join(import.meta.dirname, "..", "..", "..", path), "utf8"))
    .join("\n");
  const missing = [...new Set(leaves.map(({ path }) => String(path.findLast((key) => typeof key === "string"))))]
    .filter((name) => !shown.includes(`"${name}"`) && !inNoExample.includes(name))
    .sort();
  assert.deepEqual(missing, []);
});

/** The connection as the simulated service stores it. */
function stored(desired: VpnConnection): unknown {
  const { id = "", ...body } = structuredClone(desired);
  return createStoredConnection(id, id.slice(0, id.indexOf("/vpnGateways/")), body as never);
}

/** Another value of the same kind. */
function other(value: unknown, schema: Schema): unknown {
  if (schema.enum)
    return schema.enum.find((word) => word !== value && !`${word}${value}`.includes("2048") && !`${word}${value}`.includes("14"));
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value + 1;
  return Array.isArray(value) ? [...value, "10.9.0.0/16"] : `${value}x`;
}
