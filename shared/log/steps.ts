// The lines of the app's log: which steps there are, and which fields each has. Types, queries,
// alerts and the table in docs/operations.md follow from this one table.

/** What a field holds. A name has one type, whatever the step. */
const fields = {
  activity: "text",
  actor: "text",
  afterSeconds: "number",
  answered: "number",
  armCode: "text",
  armState: "text",
  attempts: "number",
  azureSeconds: "number",
  busy: "number",
  change: "text",
  class: "text",
  connection: "text",
  deadLetter: "boolean",
  deliverySeconds: "number",
  differences: "number",
  done: "boolean",
  dropped: "number",
  entity: "text",
  error: "text",
  errors: "number",
  eventId: "text",
  failed: "number",
  form: "text",
  found: "number",
  gatewayId: "text",
  holder: "text",
  holderInstanceId: "text",
  instanceId: "text",
  key: "text",
  keyId: "text",
  keyIds: "list",
  looks: "number",
  message: "text",
  messageId: "text",
  mode: "text",
  ofAnother: "boolean",
  oldestSeconds: "number",
  operation: "text",
  operationId: "text",
  outcome: "text",
  polls: "number",
  position: "number",
  problem: "text",
  published: "boolean",
  queue: "text",
  queueSeconds: "number",
  requestId: "text",
  requestSource: "text",
  resubmissions: "number",
  retryAfterSeconds: "number",
  retryable: "boolean",
  runtimeStatus: "text",
  sequenceNumber: "text",
  settings: "map",
  status: "number",
  throttled: "number",
  ticketId: "text",
  totalSeconds: "number",
  transient: "number",
  version: "text",
  warnings: "number",
} as const;

/** The fields that any step may have: they say whose step it is. */
const names = ["instanceId", "requestId", "connection", "ticketId"] as const;

/**
 * The steps, and the fields of each beside the names above. A field with `?` may be null or not
 * there.
 */
const steps = {
  abandoned: ["gatewayId"],
  adopted: ["gatewayId", "armState?"],
  backlog: ["queue", "deadLetter", "oldestSeconds"],
  backlogUnread: ["queue", "deadLetter", "error"],
  blocked: ["gatewayId", "problem", "retryAfterSeconds?"],
  conflict: ["requestSource"],
  deadLetterLeft: ["queue", "sequenceNumber", "error"],
  deadLettersUnread: ["queue", "error"],
  delayed: ["messageId", "error"],
  done: ["gatewayId", "armState?"],
  entityFailed: ["entity", "key", "operation", "error"],
  failed: ["activity", "problem", "armCode?", "errors?"],
  interrupted: ["runtimeStatus"],
  leaseGranted: [],
  planned: ["change", "differences?"],
  polled: ["gatewayId", "armState", "retryAfterSeconds?", "ofAnother?", "done?"],
  provisioned: ["gatewayId", "armState", "retryAfterSeconds?"],
  published: [
    ...(["eventId", "gatewayId?", "requestSource", "mode?", "outcome", "change?", "problem?", "retryable?", "actor?"] as const),
    ...(["deliverySeconds", "queueSeconds", "azureSeconds", "totalSeconds"] as const),
    ...(["polls", "attempts", "throttled", "busy", "transient", "resubmissions?", "form", "version"] as const),
  ],
  received: ["requestSource"],
  rejected: ["problem", "activity?", "armCode?", "errors?", "queue?", "requestSource?"],
  repeated: ["requestSource", "published"],
  resubmitted: ["requestSource", "resubmissions"],
  retrying: ["activity", "problem", "class", "armCode?", "status?", "afterSeconds?"],
  sealingKeyUnknown: ["activity", "keyId"],
  settingWarning: ["message"],
  spansDropped: ["dropped", "error"],
  started: ["version", "keyIds", "settings", "message"],
  stuck: ["looks"],
  stuckEnded: [],
  submitted: ["gatewayId", "status", "operationId?", "retryAfterSeconds?"],
  suspended: [],
  swept: ["found", "answered", "failed"],
  unchanged: ["gatewayId", "armState?"],
  unpublished: ["eventId", "error"],
  unswept: ["error"],
  validated: ["warnings"],
  verified: ["gatewayId"],
  waiting: ["position", "holder", "holderInstanceId?"],
} as const satisfies Readonly<Record<string, readonly (keyof typeof fields | `${keyof typeof fields}?`)[]>>;

/** The same table, for what is made from it. */
export const logTable = { fields, names, steps } as const;

interface Values {
  readonly text: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly list: readonly string[];
  readonly map: Readonly<Record<string, string>>;
}
type FieldName = keyof typeof fields;
type ValueOf<Name> = Name extends FieldName ? Values[(typeof fields)[Name]] : never;
type Entry<Step extends LogStepName> = (typeof steps)[Step][number];

/** The name of a step. Operators use it in queries and alerts. */
export type LogStepName = keyof typeof steps;

/** The fields of a step. */
export type LogFields<Step extends LogStepName> = {
  readonly [Name in Extract<Entry<Step>, FieldName>]: ValueOf<Name>;
} & {
  readonly [Name in Entry<Step> as Name extends `${infer Optional}?` ? Optional : never]?: Name extends `${infer Optional}?`
    ? ValueOf<Optional> | null | undefined
    : never;
} & { readonly [Name in (typeof names)[number]]?: ValueOf<Name> | null | undefined };

/** A line of the log: one type for each step. */
export type LogStep = { [Step in LogStepName]: { readonly step: Step } & LogFields<Step> }[LogStepName];

/** Writes a step to the app's log. */
export type WriteStep = <Step extends LogStepName>(step: Step, fields: LogFields<Step>) => void;
