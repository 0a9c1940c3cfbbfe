import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import request from "../../examples/reference-sample.json" with { type: "json" };
import { cancelExample } from "../../schemas/asyncapi-messages.ts";
import { completionExamples } from "../../schemas/completion-examples.ts";
import { cancelEventSchema, type JsonSchema } from "../../schemas/json-schema.ts";
import { completionEventSchema } from "../../shared/contract/completion.ts";
import { requestDataSchema, requestEventSchema, writtenDataSchema } from "../../shared/contract/request.ts";
import { sealSecrets } from "../../shared/secrets/sealing.ts";
import { everyEdit, someEdits } from "../support/edits.ts";
import { everyField } from "../support/every-field.ts";
import { type PublishedName, published, publishedSchema } from "../support/published-schemas.ts";

// Three judges of one contract: zod in the app, a JSON Schema validator at the requester's, and the
// app again once the keys are sealed. They say the same.

/**
 * Lets two judges, or three, see many documents, and sees to it that both verdicts come up often.
 */
function agree(documents: (judge: (document: unknown) => void) => void, ...judges: readonly ((document: unknown) => boolean)[]): void {
  const verdicts = { valid: 0, invalid: 0 };
  documents((document) => {
    const [first, ...others] = judges.map((judge) => judge(document));
    for (const other of others) if (other !== first) assert.fail(`${first} and ${other}: ${JSON.stringify(document)}`);
    verdicts[first ? "valid" : "invalid"]++;
  });
  assert.ok(Math.min(verdicts.valid, verdicts.invalid) > (verdicts.valid + verdicts.invalid) / 10, JSON.stringify(verdicts));
}

/** Every value that a schema lists. */
function wordsOf({ properties = {}, items, anyOf = [], enum: values = [], const: only }: JsonSchema): string[] {
  const within = [...Object.values(properties), ...(items ? [items] : []), ...anyOf].flatMap(wordsOf);
  return [...new Set([...values, ...(only === undefined ? [] : [only]), ...within])];
}

const { succeeded, rejected } = completionExamples();
/** What is inside the resource is the service's, and one warning stands for all. */
const short = { ...succeeded, data: { ...succeeded.data, resource: { id: "x" }, warnings: succeeded.data.warnings.slice(0, 1) } };

const events: readonly (readonly [name: PublishedName, inApp: (document: unknown) => boolean, originals: readonly object[]])[] = [
  ["request", (document) => requestEventSchema.safeParse(document).success, [everyField]],
  ["completion", (document) => completionEventSchema.safeParse(document).success, [short, rejected]],
  [
    "cancel",
    (document) => cancelEventSchema.safeParse(document).success,
    [{ ...cancelExample, data: { ...cancelExample.data, ticket: { id: 1 } } }],
  ],
];
for (const [name, inApp, originals] of events) {
  const valid = published(name);
  const words = wordsOf(publishedSchema(name));

  test(`${name} events: zod and the published schema say the same of every value in every place`, () => {
    agree(
      (judge) => {
        for (const original of originals) for (const document of everyEdit(original, words)) judge(document);
      },
      inApp,
      valid,
    );
  });

  test(`${name} events: zod and the published schema say the same of 4,000 documents with some changes`, () => {
    agree((judge) => fc.assert(fc.property(someEdits(originals, words), judge), { numRuns: 4_000 }), inApp, valid);
  });
}

/** Every list and every text of a schema, by its place. */
function partsOf(schema: JsonSchema, place = ""): [place: string, part: JsonSchema][] {
  const { properties = {}, items, anyOf = [] } = schema;
  return [
    [place, schema],
    ...Object.entries(properties).flatMap(([name, part]) => partsOf(part, `${place}/${name}`)),
    ...(items ? partsOf(items, `${place}/0`) : []),
    ...anyOf.flatMap((part) => partsOf(part, place)),
  ];
}

test("every list and every text of a request has a maximum", () => {
  for (const name of ["request", "request-data", "cancel"] as const)
    for (const [place, { type, items, maxItems, maxLength, enum: values, const: only }] of partsOf(publishedSchema(name))) {
      if (items) assert.ok(maxItems !== undefined && maxItems > 0, `${name} ${place}`);
      if (type === "string" && !values && only === undefined) assert.ok(maxLength !== undefined && maxLength > 0, `${name} ${place}`);
    }
});

test("zod and the published schema say the same of lists and texts about their maximum", () => {
  const valid = published("request");
  let compared = 0;
  for (const [place, { items, maxItems, maxLength = 0 }] of partsOf(publishedSchema("request"))) {
    const path = place.split("/").slice(1);
    for (const beyond of [0, 1]) {
      const document = JSON.parse(JSON.stringify(everyField));
      const holder = path.slice(0, -1).reduce((node, key) => node?.[key], document);
      const found = holder?.[path.at(-1) ?? ""];
      if (items && Array.isArray(found)) holder[path.at(-1) ?? ""] = Array((maxItems ?? 0) + beyond).fill(found[0]);
      else if (maxLength > 0 && typeof found === "string") holder[path.at(-1) ?? ""] = "𝒳".repeat(maxLength + beyond);
      else continue;
      compared++;
      const [ofZod, ofSchema] = [requestEventSchema.safeParse(document).success, valid(document)];
      assert.equal(ofZod, ofSchema, place);
      if (beyond === 1 || items) assert.equal(ofZod, beyond === 0, place);
    }
  }
  assert.ok(compared > 60, String(compared));
});

const ring = new Map([["k1", Buffer.alloc(32, 1)]]);

/**
 * What the app says of a request's data: the ticket is carried as text and judged apart, the rest
 * is judged with its keys sealed.
 */
function acceptedWhenSealed(data: unknown): boolean {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return requestDataSchema.safeParse(data).success;
  const { ticket, ...rest } = data as Record<string, unknown>;
  const isObject = typeof ticket === "object" && ticket !== null && !Array.isArray(ticket);
  const sealed = sealSecrets(rest, "vpn-1", ring);
  // Nobody can see how long a sealed key is: what was wrong with it stands beside it, and a rule
  // refuses it.
  const isTooLong = JSON.stringify(sealed).includes('"tooLong"');
  return (isObject || !Object.hasOwn(data, "ticket")) && requestDataSchema.safeParse(sealed).success && !isTooLong;
}

const keys = ["a key", { keyVaultSecretUri: "https://vault.example/secrets/branch" }];
test("requests: zod, the published schema, and the app once the keys are sealed say the same", () => {
  const words = wordsOf(publishedSchema("request-data"));
  agree(
    (judge) => {
      for (const sharedKey of keys) {
        const small = { target: request.data.target, connection: { properties: { remoteVpnSite: { id: "/s" }, sharedKey } } };
        for (const data of everyEdit(small, [])) judge(data);
      }
      fc.assert(fc.property(someEdits([everyField.data], words), judge), { numRuns: 1_000 });
    },
    (data) => writtenDataSchema.safeParse(data).success,
    published("request-data"),
    acceptedWhenSealed,
  );
});
