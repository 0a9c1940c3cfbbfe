import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { azureDefaults, caselessTexts, synonyms } from "../../../shared/arm/azure-defaults.ts";
import { type ComparedProperty, connectionProperties, linkProperties } from "../../../shared/arm/compared-properties.ts";
import { connectionSchema } from "../../../shared/contract/connection.ts";
import { itemSchema, withoutOptional } from "../../../shared/contract/known-fields.ts";

// A new property of the contract is compared because it is in the schema. What has to be said of it
// beside that is held here.

/** The names that lead to every value of a connection; an item of a list is `0`. */
function leavesOf(schema: z.ZodType | undefined, path: readonly string[] = []): string[] {
  const own = withoutOptional(schema);
  if (own instanceof z.ZodObject)
    return Object.entries(own.shape).flatMap(([name, field]) => leavesOf(field as z.ZodType, [...path, name]));
  const item = itemSchema(own);
  return item instanceof z.ZodObject ? leavesOf(item, [...path, "0"]) : [path.join("/")];
}
const link = "properties/vpnLinkConnections/0";
/** Ids and names say which resource it is. No read shows a key. */
const notCompared = ["id", "name", "properties/sharedKey", `${link}/id`, `${link}/name`, `${link}/properties/sharedKey`];
const compared = [
  ...connectionProperties.map(({ path }) => path.join("/")),
  ...linkProperties.map(({ path }) => [link, ...path].join("/")),
];

test("every value of the contract is in a property that is compared, ids, names and keys aside", () => {
  const leaves = leavesOf(connectionSchema);
  assert.ok(leaves.length > 50);
  const left = leaves.filter((leaf) => !compared.some((place) => leaf === place || leaf.startsWith(`${place}/`)));
  assert.deepEqual(left.sort(), [...notCompared].sort());
});

test("Azure's default of every number, switch and constant is known, and of nothing else", () => {
  const isPlain = ({ schema }: ComparedProperty) =>
    schema instanceof z.ZodNumber || schema instanceof z.ZodBoolean || schema instanceof z.ZodEnum;
  const plain = [...connectionProperties, ...linkProperties].filter(isPlain).map(({ name }) => name);
  // The field of an IPsec policy that may be left out.
  assert.deepEqual([...azureDefaults.keys()].sort(), [...new Set([...plain, "saDataSizeKilobytes"])].sort());
});

test("what is said of a property is said of one that the contract has", () => {
  const names = new Set(leavesOf(connectionSchema).flatMap((leaf) => leaf.split("/")));
  for (const name of [...azureDefaults.keys(), ...synonyms.keys(), ...caselessTexts]) assert.ok(names.has(name), name);
});
