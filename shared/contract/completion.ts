import * as z from "zod";
import { problemCodes } from "./problem.ts";

export const completedType = "vpn-connection.provision.completed.v1";
export const eventSource = "/vpn-connection-provisioner";

const time = (description: string) => z.iso.datetime().describe(description);
const actor = z.enum(["requester", "operator", "nobody"]).describe("Who must act; `nobody` where time alone will do.");

const findingSchema = z.strictObject({
  code: z.string().describe("Stable code."),
  severity: z.enum(["error", "warning"]).describe("An error stops a request, a warning does not."),
  message: z.string().describe("What is allowed and what was found."),
  target: z.string().describe("JSON pointer into the request's `data`; into its envelope where it begins with `/@`."),
  source: z.string().optional().describe("Where the rule stands."),
  actor,
});

const problemSchema = z.strictObject({
  code: z.enum(Object.keys(problemCodes) as [keyof typeof problemCodes]).describe("Stable code; a requester may branch on it."),
  message: z.string().describe("The same in a sentence."),
  target: z.string().optional().describe("JSON pointer, as in a finding."),
  retryable: z.boolean().describe("Whether the same request, under a new id, may succeed later."),
  actor,
  details: z.array(findingSchema).describe("Every finding about the request."),
  arm: z
    .strictObject({
      status: z.int().nullable().describe("HTTP status."),
      code: z.string().nullable().describe("Azure's code."),
      message: z.string().nullable().describe("Azure's message."),
      details: z.array(z.unknown()).describe("Azure's nested errors."),
      target: z.string().optional().describe("What Azure says it is about."),
      innererror: z.unknown().optional().describe("What Azure says is behind it."),
      additionalInfo: z.unknown().optional().describe("What Azure adds, such as the policy that refused."),
    })
    .optional()
    .describe("What Resource Manager itself said, word for word; very long texts and lists are cut, and end with `…`."),
});

const attemptSchema = z.strictObject({
  at: time("When."),
  action: z.enum(["check", "get", "put", "poll", "verify"]).describe("What was asked."),
  clientRequestId: z.string().describe("The id under which Azure logged this one call."),
  status: z.int().nullable().describe("HTTP status; null where no answer came."),
  code: z.string().nullable().describe("Azure's error code."),
  retryAfterSeconds: z.number().nullable().describe("The wait that Azure asked for."),
});

const timingSchema = z.strictObject({
  receivedAt: time("When the broker had the message."),
  startedAt: time("When its instance began.").nullable(),
  leaseGrantedAt: time("When it had the gateway to itself.").nullable(),
  submittedAt: time("When Azure took the change.").nullable(),
  provisionedAt: time("When Azure had finished.").nullable(),
  completedAt: time("When the outcome was known."),
  polls: z.int().describe("How often Azure was asked how far it is."),
});

const differenceSchema = z.strictObject({
  target: z.string().describe("JSON pointer into the connection; links stand by their names."),
  change: z
    .enum(["add", "remove", "set", "reset", "key"])
    .describe("`reset`: left out of the request, so it goes back to Azure's default. `key`: a pre-shared key."),
  before: z.unknown().describe("The value in Azure; null where there is none, `(left out)` if the event was too large."),
  after: z
    .unknown()
    .describe(
      "The value asked for; of a key only whether it is `changed`, or `unknown`, as it is to a source that has set no key here before.",
    ),
});

const completionDataSchema = z.strictObject({
  requestId: z.string().describe("The request's id."),
  requestSource: z.string().describe("The request's source."),
  outcome: z.enum(["Succeeded", "Failed", "Rejected", "Cancelled", "Planned"]).describe("How the request ended."),
  change: z.enum(["Created", "Updated", "Unchanged"]).nullable().describe("What a success did to the connection."),
  resource: z.unknown().describe("The connection as Azure last gave it, every field, without its keys; null where there is none."),
  problem: problemSchema.nullable().describe("Why not; null when it succeeded."),
  warnings: z.array(findingSchema).describe("What the requester should know all the same."),
  diff: z
    .array(differenceSchema)
    .nullable()
    .describe("What an update changed, or a plan would change, property by property; null where nothing was compared."),
  armState: z.string().nullable().describe("The last state seen in Azure."),
  arm: z
    .strictObject({
      correlationRequestId: z.string().describe("The id under which Azure logged all calls."),
      operationId: z.string().nullable().describe("Azure's id of the operation."),
      attempts: z.array(attemptSchema).describe("Every exchange with Resource Manager; polls that went as expected are only counted."),
    })
    .describe("The calls of Resource Manager."),
  timing: timingSchema.describe("When each step was reached, ISO 8601 in UTC; null for a step that was not."),
});

const envelope = {
  specversion: z.literal("1.0").describe("CloudEvents 1.0."),
  type: z.literal(completedType).describe("What happened, with its version."),
  id: z.string().describe("The same for every delivery of one answer."),
  source: z.literal(eventSource).describe("Who says so."),
  subject: z.string().optional().describe("Resource Manager id of the connection, where the request was valid."),
  time: time("When the outcome was known."),
  datacontenttype: z.literal("application/json").describe("`application/json`."),
  traceparent: z.string().optional().describe("W3C trace context of the request, if it has that form."),
};

/** A completion event as it is delivered. */
export const completionEventSchema = z.strictObject({
  ...envelope,
  data: completionDataSchema
    .extend({ ticket: z.record(z.string(), z.unknown()).nullable().describe("The request's ticket, unchanged.") })
    .describe("The answer."),
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
/** When each step of a request was reached, ISO 8601 in UTC; null for a step that was not. */
export type Timing = z.infer<typeof timingSchema>;

/** A completion event without its ticket, which is put back when the event is sent. */
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

/** What is sent: the event, and what the message around it needs. */
export interface Completion {
  readonly event: CompletionEvent;
  readonly ticket: string | null;
  readonly replySessionId: string | null;
}
