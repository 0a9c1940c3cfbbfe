import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as z from "zod";
import { writtenConnectionSchema } from "../../../shared/contract/connection.ts";
import { readReference } from "../../support/reference-text.ts";
import names from "./reference-names.json" with { type: "json" };

// The list of the reference's names, against the contract and, where it is at hand, against the
// text of the reference itself.

test("the contract has no field that the reference does not have", () => {
  const known = new Set(Object.values(names.models).flatMap((fields) => Object.keys(fields).flatMap((field) => field.split("."))));
  const own = fieldsOf(z.toJSONSchema(writtenConnectionSchema, { io: "input" }) as Schema).filter((name) => !known.has(name));
  assert.deepEqual([...new Set(own)], ["keyVaultSecretUri"]);
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}
function fieldsOf({ properties = {}, items = {}, anyOf = [] }: Schema): string[] {
  const own = Object.entries(properties).flatMap(([name, schema]) => [name, ...fieldsOf(schema)]);
  return [...own, ...(Object.keys(items).length > 0 ? fieldsOf(items) : []), ...anyOf.flatMap(fieldsOf)];
}

const directory = process.env["REFERENCE_DIR"];
const skip = directory ? false : "REFERENCE_DIR names no folder with the text of the reference";

test("the list is that of the reference: its parameters, fields, types and values, no more and no less", { skip }, () => {
  const { uriParameters, body, definitions } = readReference(
    readFileSync(join(directory ?? "", "vpn-connections-create-or-update.txt"), "utf8"),
  );
  assert.deepEqual(uriParameters, names.uriParameters);
  assert.deepEqual(
    body,
    Object.keys(names.models.VpnConnection).filter((field) => !names.readOnly.VpnConnection.includes(field)),
  );
  const listed = { ...names.models, ...names.errors };
  assert.deepEqual([...definitions.keys()].sort(), [...Object.keys(listed), ...Object.keys(names.enums)].sort());
  for (const [name, values] of Object.entries(names.enums)) assert.deepEqual([...(definitions.get(name)?.keys() ?? [])], values, name);
  for (const [model, fields] of Object.entries(listed)) {
    const told = Object.entries(fields).map(([field, type]) => [field, /^[a-z]/.test(type) ? type : undefined]);
    assert.deepEqual([...(definitions.get(model) ?? [])], told, model);
  }
});
