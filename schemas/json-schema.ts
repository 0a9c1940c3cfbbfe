import * as z from "zod";
import { cancelDataSchema, cancelType } from "../shared/contract/cancel.ts";
import { completedType, completionEventSchema } from "../shared/contract/completion.ts";
import { requestEventSchema, requestType, writtenDataSchema } from "../shared/contract/request.ts";

/** A JSON Schema, as far as the contract uses the language. */
export interface JsonSchema {
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly format?: string;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A cancellation as a CloudEvents 1.0 event. It has the envelope of a request. */
export const cancelEventSchema = requestEventSchema.extend({
  type: z.literal(cancelType).describe("What is asked for, with its version."),
  data: cancelDataSchema.extend({ ticket: writtenDataSchema.shape.ticket }).describe("The cancellation."),
});

const published = {
  request: { schema: requestEventSchema, title: "Request event", about: `A request as a CloudEvents 1.0 event of type ${requestType}.` },
  "request-data": {
    schema: writtenDataSchema,
    title: "Request data",
    about: "The `data` of a request, which is the whole body in binary mode and of a bare message.",
  },
  cancel: {
    schema: cancelEventSchema,
    title: "Cancellation event",
    about: `A cancellation as a CloudEvents 1.0 event of type ${cancelType}.`,
  },
  completion: {
    schema: completionEventSchema,
    title: "Completion event",
    about: `A completion as a CloudEvents 1.0 event of type ${completedType}.`,
  },
} as const;
export type PublishedSchema = keyof typeof published;

/** The schemas of the contract as JSON Schema 2020-12, by the names of their files. */
export function jsonSchemas(): Record<PublishedSchema, JsonSchema> {
  const written = Object.entries(published).map(([name, { schema, title, about }]) => {
    const { $schema, ...rest } = z.toJSONSchema(schema, { target: "draft-2020-12", io: "input", override: tidied }) as JsonSchema & {
      $schema: string;
    };
    return [name, { $schema, $id: `urn:vpn-connection-provisioner:contract:v1:${name}`, title, description: about, ...rest }];
  });
  return Object.fromEntries(written);
}

/** Removes what zod says of every record: the names of a JSON object are always strings. */
function tidied({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  delete jsonSchema.propertyNames;
}

/** Returns what a schema allows besides null, and whether it allows null. */
export function withoutNull(schema: JsonSchema): { schema: JsonSchema; nullable: boolean } {
  if (Array.isArray(schema.type) && schema.type.length > 1) {
    const [type = "null"] = schema.type.filter((name: string) => name !== "null");
    return { schema: { ...schema, type }, nullable: true };
  }
  const [allowed, ...others] = (schema.anyOf ?? []).filter(({ type }) => type !== "null");
  if (!allowed || others.length > 0 || schema.anyOf?.length !== 2) return { schema, nullable: false };
  return { schema: { ...(schema.description ? { description: schema.description } : {}), ...allowed }, nullable: true };
}
