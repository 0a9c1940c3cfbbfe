import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import asyncApiSchema from "@asyncapi/specs/schemas/3.0.0.json" with { type: "json" };
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { readConfig } from "../../local/service-bus/config.ts";
import { asyncApi } from "../../schemas/asyncapi.ts";
import { generated } from "../../schemas/generated.ts";
import type { JsonSchema } from "../../schemas/json-schema.ts";
import { cancelType } from "../../shared/contract/cancel.ts";
import reference from "../shared/contract/reference-names.json" with { type: "json" };
import { published, publishedSchema } from "../support/published-schemas.ts";

// The published contract: what is committed is what the code says, valid by the standards it
// claims, and true of every example.

const root = join(import.meta.dirname, "..", "..");
const textOf = (path: string) => readFileSync(join(root, path), "utf8");
const names = ["request", "request-data", "cancel", "completion"] as const;

for (const [path, text] of generated()) {
  test(`${path} is what \`npm run contract\` writes`, () => {
    assert.ok(textOf(path) === text, `${path} is not up to date: run \`npm run contract\``);
  });
}

for (const name of names) {
  test(`${name}.schema.json is a JSON Schema 2020-12, and says nothing that a strict validator does not know`, () => {
    const schema = publishedSchema(name);
    const ajv = new Ajv2020({ strict: true });
    addFormats.default(ajv);
    assert.equal(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert.ok(ajv.validateSchema(schema), JSON.stringify(ajv.errors));
    assert.ok(ajv.compile(schema));
  });
}

/** Every schema inside a schema. */
function within(schema: JsonSchema): JsonSchema[] {
  const { properties = {}, items, anyOf = [] } = schema;
  return [schema, ...[...Object.values(properties), ...(items ? [items] : []), ...anyOf].flatMap(within)];
}

test("objects accept only their own fields; the ticket accepts any, and a sent event extension attributes", () => {
  const objects = names.flatMap((name) => within(publishedSchema(name))).filter(({ type }) => type === "object");
  assert.ok(objects.length > 50);
  for (const { $id, properties, additionalProperties } of objects) {
    const isSentEvent = /:(request|cancel)$/.test($id ?? "");
    assert.deepEqual(additionalProperties, isSentEvent ? undefined : properties ? false : {});
  }
});

/**
 * The document's own schema brings the meta-schema of draft 7 along, so the validator must not have
 * one.
 */
function asyncApiFaults(document: unknown): unknown {
  const ajv = new Ajv({ strict: false, meta: false, validateSchema: false, unicodeRegExp: false });
  addFormats.default(ajv);
  const valid = ajv.compile(asyncApiSchema);
  return valid(document) ? null : valid.errors;
}

test("asyncapi.json is a valid AsyncAPI 3.0.0 document", () => {
  const document = JSON.parse(textOf("schemas/asyncapi.json"));
  assert.deepEqual(asyncApiFaults(document), null);
  assert.notEqual(asyncApiFaults({ ...document, operations: { receiveRequest: { action: "take" } } }), null);
});

/** Follows every reference of the document; the ones to other files lead into schemas/. */
function referencesOf(node: unknown): string[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) => (name === "$ref" ? [String(value)] : referencesOf(value)));
}

test("every reference of asyncapi.json leads somewhere", () => {
  const document = JSON.parse(textOf("schemas/asyncapi.json"));
  const references = referencesOf(document);
  assert.ok(references.length > 10);
  for (const reference of references) {
    const [file = "", pointer = ""] = reference.split("#");
    const target = file === "" ? document : JSON.parse(textOf(join("schemas", file)));
    const found = pointer
      .split("/")
      .slice(1)
      .reduce((node: Record<string, unknown> | undefined, key) => node?.[key] as Record<string, unknown> | undefined, target);
    assert.ok(found, reference);
  }
});

test("asyncapi.json names the entities of the broker's configuration, with what they require", () => {
  const { queues, topics } = readConfig(join(root, "local", "service-bus", "config.json"));
  const { requests, quarantine, events } = asyncApi().channels;
  const ofChannel = ({ address, "x-service-bus": said }: typeof requests | typeof quarantine | typeof events) => [
    address,
    said.requiresDuplicateDetection,
  ];
  const ofBroker = ({ name, duplicateWindowMs }: (typeof queues)[number] | (typeof topics)[number]) => [
    name,
    duplicateWindowMs !== undefined,
  ];
  assert.deepEqual([requests, quarantine].map(ofChannel), queues.map(ofBroker));
  assert.deepEqual([events].map(ofChannel), topics.map(ofBroker));
  const replies = topics[0]?.subscriptions.find(({ name }) => name === "replies");
  const said = events["x-service-bus"].subscriptions.replies;
  assert.equal(said.requiresSession, replies?.options.requiresSession);
  assert.deepEqual(
    [said.correlationFilter],
    replies?.filters.map((filter) => ("properties" in filter ? { properties: filter.properties } : filter)),
  );
});

for (const path of globSync("examples/*.json", { cwd: root })) {
  test(`${path} is valid by its schema`, () => {
    const event = JSON.parse(textOf(path)) as { type: string };
    assert.deepEqual(faultsOf(event.type === cancelType ? "cancel" : "request", event), null);
  });
}

test("every request that a document shows is valid by request.schema.json", () => {
  const shown = globSync(["*.md", "docs/**/*.md"], { cwd: root }).flatMap((path) =>
    [...textOf(path).matchAll(/^```json\n([\s\S]*?)^```/gm)].map(([, block = ""]) => JSON.parse(block) as unknown),
  );
  const requests = shown.filter((value) => typeof value === "object" && value !== null && "specversion" in value);
  assert.ok(requests.length > 0);
  for (const value of requests) {
    const name = (value as { type?: string }).type === cancelType ? "cancel" : "request";
    assert.deepEqual(faultsOf(name, value), null);
  }
});

test("every example of asyncapi.json is valid by the schema it stands beside", () => {
  const { messages } = asyncApi().components;
  const examples = Object.values(messages).flatMap((message) =>
    "payload" in message ? message.examples.map((example) => [message.payload.schema.$ref, example.payload] as const) : [],
  );
  assert.equal(examples.length, 6);
  for (const [file, payload] of examples) {
    const name = names.find((known) => file === `./${known}.schema.json`);
    assert.deepEqual(faultsOf(name ?? assert.fail(file), JSON.parse(JSON.stringify(payload))), null);
  }
});

test("docs/contract.md names every field, value and code", () => {
  const page = textOf("docs/contract.md");
  const words = new Set([...page.matchAll(/`([^`\n]+)`/g)].flatMap(([, path = ""]) => [path, ...path.split(/[.[\]]+/)]));
  const schemas = names.flatMap((name) => within(publishedSchema(name)));
  const said = schemas.flatMap(({ properties = {}, enum: values = [], const: only = [] }) =>
    [...Object.keys(properties), ...values, only].flat(),
  );
  assert.ok(said.length > 300);
  for (const word of said) assert.ok(words.has(word), word);
  const ignored = Object.values(reference.readOnly).flat();
  for (const field of ignored) assert.ok(words.has(field.replace("properties.", "")), field);
  const sources = globSync("{functions,orchestrations,shared}/**/*.ts", { cwd: root }).map(textOf).join("\n");
  const codes = [...sources.matchAll(/\bcode: "([A-Z]\w+)"/g)].map(([, code = ""]) => code);
  assert.ok(codes.length > 50);
  for (const code of codes) assert.ok(page.includes(`\`${code}\``), code);
});

function faultsOf(name: (typeof names)[number], value: unknown): unknown {
  const valid = published(name);
  return valid(value) ? null : valid.errors;
}
