import * as z from "zod";
import { connectionSchema, writtenConnectionSchema } from "./connection.ts";

export const requestType = "vpn-connection.provision.requested.v1";

/** Ids and sources: 1 to 128 printable characters. */
export const identifierPattern = /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u;

/** Characters of any other attribute. The longest of our examples, a trace context, has 55. */
export const MAX_ATTRIBUTE_LENGTH = 2_048;
const attribute = () => z.string().max(MAX_ATTRIBUTE_LENGTH);

/**
 * Returns the schema of a string with a pattern and a longest length. The error is the end of a
 * sentence that starts with the field's name. A string that breaks the pattern has one finding, not
 * a second one about its length.
 */
export function textSchema(pattern: RegExp, longest: number, error: string) {
  return z.string().regex(pattern, { error, abort: true }).max(longest);
}

/** The schema of an id or a source. */
export const identifierSchema = textSchema(identifierPattern, 128, "must have 1 to 128 printable characters");

/**
 * Source:
 * https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/resource-name-rules
 * (Microsoft.Network: vpnGateways, vpnConnections).
 */
const resourceName = textSchema(
  /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?$/,
  80,
  'must have 1 to 80 letters, digits, "_", "." or "-", start with a letter or digit, and end with a letter, digit or "_"',
);
const groupName = textSchema(
  /^[\p{L}\p{N}_.()-]{0,89}[\p{L}\p{N}_()-]$/u,
  90,
  'must have 1 to 90 letters, digits, "_", "-", ".", "(" or ")", and not end with "."',
);

export const targetSchema = z.strictObject({
  subscriptionId: textSchema(/^[A-Za-z0-9-]{1,64}$/, 64, "must be a subscription id, which is a GUID").describe(
    "Subscription of the gateway.",
  ),
  resourceGroupName: groupName.describe("Resource group of the gateway."),
  gatewayName: resourceName.describe("The VPN gateway."),
  connectionName: resourceName.describe("The connection to create or update."),
});

function requestDataWith<Connection extends z.ZodType>(connection: Connection) {
  return z.strictObject({
    target: targetSchema.describe("The connection to create or update."),
    connection: connection.describe("The REST body of Create Or Update."),
    mode: z
      .enum(["apply", "plan"])
      .optional()
      .describe("`apply` (the default) makes the change. `plan` only reports what it would change."),
    deadlineMinutes: z.int().min(5).max(1440).optional().describe("How long the change may take, in minutes. Default: 60."),
    queueDeadlineMinutes: z
      .int()
      .min(1)
      .max(10_080)
      .optional()
      .describe("How long the request may wait for its gateway before that, in minutes. Default: 1440."),
  });
}

/** The `data` of a request in a running instance, without the ticket, which is kept as text. */
export const requestDataSchema = requestDataWith(connectionSchema);

/** The `data` of a request as a requester writes it. */
export const writtenDataSchema = requestDataWith(writtenConnectionSchema).extend({
  ticket: z.record(z.string(), z.unknown()).optional().describe("Any JSON object of at most 4 KB. The completion repeats it unchanged."),
});

/** A request as a CloudEvents 1.0 event. It may have extension attributes. */
export const requestEventSchema = z.object({
  specversion: z.literal("1.0").describe("CloudEvents 1.0."),
  type: z.literal(requestType).describe("The event type, with its version."),
  id: identifierSchema.describe("New for every request. Messages with the same source and id are always the same request."),
  source: identifierSchema.describe("The requester."),
  subject: attribute().optional().describe("Not used."),
  time: attribute().optional().describe("Not used."),
  datacontenttype: attribute().optional().describe("`application/json`."),
  dataschema: attribute().optional().describe("Not used."),
  traceparent: attribute().optional().describe("W3C trace context. The completion repeats it."),
  tracestate: attribute().optional().describe("Not used."),
  data: writtenDataSchema.describe("The request."),
});
