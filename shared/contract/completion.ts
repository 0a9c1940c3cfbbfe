import * as z from "zod";
import { problemCodes } from "./problem.ts";

export const completedType = "vpn-connection.provision.completed.v1";
export const eventSource = "/vpn-connection-provisioner";

const time = (description: string) => z.iso.datetime().describe(description);
const actor = z.enum(["requester", "operator", "nobody"]).describe("Who must act. `nobody` if it is enough to wait.");

const findingSchema = z.strictObject({
  code: z.string().describe("Stable code. Programs may depend on it."),
  severity: z.enum(["error", "warning"]).describe("An error stops the request. A warning does not."),
  message: z.string().describe("What is wrong and what to do. For people: the wording may change."),
  target: z
    .string()
    .describe(
      "JSON pointer in the whole event, such as `/data/target/gatewayName` or `/type`. For a bare body: in the body. Empty if it is not about one place.",
    ),
  source: z.string().optional().describe("The page that has the rule."),
  actor,
});

const problemSchema = z.strictObject({
  code: z.enum(Object.keys(problemCodes) as [keyof typeof problemCodes]).describe("Stable code. Programs may depend on it."),
  message: z.string().describe("What is wrong and what to do. For people: the wording may change."),
  target: z.string().optional().describe("JSON pointer, as in a finding."),
  retryable: z.boolean().describe("Whether the same request, sent again with a new id, may succeed."),
  actor,
  details: z.array(findingSchema).describe("All findings about the request."),
  arm: z
    .strictObject({
      status: z.int().nullable().describe("HTTP status."),
      code: z.string().nullable().describe("Azure's code."),
      message: z.string().nullable().describe("Azure's message."),
      details: z.array(z.unknown()).describe("Azure's nested errors."),
      target: z.string().optional().describe("The part of the request that the error is about, as Azure names it."),
      innererror: z.unknown().optional().describe("Azure's inner error."),
      additionalInfo: z.unknown().optional().describe("Azure's additional information, such as the policy that forbids the change."),
    })
    .optional()
    .describe("The error of Resource Manager, word for word. Very long strings and lists are cut and end with `…`."),
});

/** One call of Resource Manager. */
export const attemptSchema = z.strictObject({
  at: time("Time of the call."),
  action: z.enum(["check", "get", "put", "poll", "verify"]).describe("What the call did."),
  clientRequestId: z.string().describe("The id of this call in Azure's logs."),
  status: z.int().nullable().describe("HTTP status. Null if there was no response."),
  code: z.string().nullable().describe("Azure's error code."),
  retryAfterSeconds: z.number().nullable().describe("The wait that Azure requested, in seconds."),
  remembered: z
    .strictObject({
      resourceId: z.string().describe("The resource that was read."),
      ageSeconds: z.int().describe("How old the read was when it was used, in seconds. At most 60."),
    })
    .optional()
    .describe("Only if a warning comes from an earlier read, for another request or try. `clientRequestId` is the id of that read."),
});

const timingSchema = z.strictObject({
  receivedAt: time("When Service Bus received the message."),
  startedAt: time("When the app started the request.").nullable(),
  validatedAt: time("When the request was found valid.").nullable().optional(),
  leaseGrantedAt: time("When the request's turn for the gateway came.").nullable(),
  submittedAt: time("When Azure accepted the change.").nullable(),
  provisionedAt: time("When Azure finished the change.").nullable(),
  completedAt: time("When the outcome was known."),
  polls: z.int().describe("How often the app asked Azure for the state of the operation."),
});

const differenceSchema = z.strictObject({
  target: z
    .string()
    .describe(
      "JSON pointer into the connection. Links have their name, in lower case, instead of an index. A link that is added has a difference as a whole, and one for each property.",
    ),
  change: z
    .enum(["add", "remove", "set", "reset", "key"])
    .describe("`reset`: the request leaves it out, so Azure uses its default again. `key`: a pre-shared key."),
  before: z.unknown().describe("The value in Azure. Null if there is none. `(left out)` if the event was too large."),
  after: z
    .unknown()
    .describe(
      "The requested value, as the request has it. For a key only `changed` or `unknown`. It is `unknown` if this source has not set a key here before.",
    ),
});

const completionDataSchema = z.strictObject({
  requestId: z.string().describe("The request's id."),
  requestSource: z.string().describe("The request's source."),
  outcome: z.enum(["Succeeded", "Failed", "Rejected", "Cancelled", "Planned"]).describe("How the request ended."),
  change: z.enum(["Created", "Updated", "Unchanged"]).nullable().describe("What a successful request did to the connection."),
  resource: z.unknown().describe("The connection as Azure last returned it, with every field but its keys. Null if there is none."),
  problem: problemSchema.nullable().describe("Why the request did not succeed. Null if it did."),
  warnings: z.array(findingSchema).describe("Findings that did not stop the request."),
  diff: z
    .array(differenceSchema)
    .nullable()
    .describe(
      "What an update changed or a plan would change, property by property. For a new connection, every property of the request. Null if nothing was compared.",
    ),
  armState: z.string().nullable().describe("The last provisioning state in Azure."),
  arm: z
    .strictObject({
      correlationRequestId: z.string().describe("The id of all calls of this request in Azure's logs."),
      operationId: z.string().nullable().describe("Azure's id of the operation."),
      attempts: z
        .array(attemptSchema)
        .describe("The calls. Polls without a problem are only counted, and checks without one are left out."),
    })
    .describe("The calls to Resource Manager."),
  timing: timingSchema.describe("When each step was reached, ISO 8601 in UTC. Null for a step that was not reached."),
});

const envelope = {
  specversion: z.literal("1.0").describe("CloudEvents 1.0."),
  type: z.literal(completedType).describe("The event type, with its version."),
  id: z.string().describe("The same for every delivery of one completion."),
  source: z.literal(eventSource).describe("The sender."),
  subject: z.string().optional().describe("Resource Manager id of the connection. Only if the request was valid."),
  time: time("When the outcome was known."),
  datacontenttype: z.literal("application/json").describe("`application/json`."),
  traceparent: z.string().optional().describe("W3C trace context of the request, if it is valid."),
};

/** A completion event as it is delivered. */
export const completionEventSchema = z.strictObject({
  ...envelope,
  data: completionDataSchema
    .extend({ ticket: z.record(z.string(), z.unknown()).nullable().describe("The request's ticket, unchanged.") })
    .describe("The completion."),
});

type ReadonlyDeep<T> = T extends (infer Item)[]
  ? readonly ReadonlyDeep<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: ReadonlyDeep<T[Name]> }
    : T;

/** The `data` of the one completion event of a request. */
export type CompletionData = ReadonlyDeep<z.infer<typeof completionDataSchema>>;
/** How a request ended. */
export type Outcome = CompletionData["outcome"];
/** What a success did to the connection in Azure. */
export type Change = NonNullable<CompletionData["change"]>;
/** What an update changes, property by property. */
export type Diff = CompletionData["diff"];
/**
 * When each step of a request was reached, ISO 8601 in UTC. Null for a step that was not reached.
 */
export type Timing = z.infer<typeof timingSchema>;

/** A completion event without its ticket, which is added when the event is sent. */
export interface CompletionEvent {
  readonly specversion: "1.0";
  readonly type: typeof completedType;
  readonly id: string;
  readonly source: typeof eventSource;
  readonly subject?: string;
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly traceparent?: string;
  readonly data: CompletionData;
}

/** The event, and what the message around it needs. */
export interface Completion {
  readonly event: CompletionEvent;
  readonly ticket: string | null;
  readonly replySessionId: string | null;
  /** For the log. Not set if the request was not validated. */
  readonly mode?: "apply" | "plan";
  /** For the log: how often the app sent the request to its queue again. Not set if unknown. */
  readonly resubmissions?: number;
}
