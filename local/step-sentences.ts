/** One step of a request as the app logged it. */
export interface Step {
  readonly step: string;
  readonly [field: string]: unknown;
}

type Sentence = (step: Step) => string;

/** What a person wants to know of a step. Any other step says what went wrong, if anything did. */
const sentences: Readonly<Record<string, Sentence>> = {
  received: ({ requestId, requestSource, ticketId }) =>
    `request ${requestId} from ${requestSource}${ticketId ? `, ticket ${ticketId}` : ""}`,
  repeated: ({ published }) => (published ? "known request: its answer is sent again" : "known request: it is being carried out"),
  conflict: () => "this source and id belong to a request with another content",
  validated: ({ warnings }) => (warnings === 0 ? "no findings" : counted(warnings, "warning")),
  rejected: ({ problem, errors }) => [problem, errors === undefined ? undefined : counted(errors, "error")].filter(Boolean).join(", "),
  waiting: ({ position, holder }) => `place ${position} in the queue of the gateway; ${holder} is being changed`,
  leaseGranted: () => "the gateway is free for this request",
  planned: ({ change, differences }) =>
    [change, differences === undefined ? undefined : counted(differences, "difference")].filter(Boolean).join(", "),
  submitted: (step) => `PUT answered ${step["status"]}${waitOf(step)}`,
  blocked: (step) => `Azure is busy with another operation on this gateway${waitOf(step)}`,
  polled: (step) =>
    step["ofAnother"] && step["done"]
      ? "the other operation on this gateway has ended"
      : `${step["ofAnother"] ? "the other operation on this gateway: " : ""}${step["armState"]}${waitOf(step)}`,
  adopted: ({ armState }) => `the same change is already in progress (${armState})`,
  unchanged: () => "the connection already is as desired",
  done: () => "Azure has made this change already",
  abandoned: () => "the instance was ended before its PUT",
  provisioned: ({ armState }) => `operation ${armState}`,
  verified: () => "connection and link connections are Succeeded",
  failed: ({ problem, armCode }) => failureOf(String(problem), armCode ?? "no code"),
  retrying: (step) =>
    `${step["activity"]} will be tried again: ${reasonOf(step)}${waitOf({ ...step, retryAfterSeconds: step["afterSeconds"] })}`,
  sealingKeyUnknown: ({ activity, keyId }) => `${activity} will be tried again: SEALING_KEYS here does not open the key sealed by ${keyId}`,
  spansDropped: ({ dropped, error }) => `${dropped} spans of traces were lost (${error})`,
  unpublished: ({ error }) => `Service Bus did not take the event (${error}); it will be sent again`,
  published: ({ outcome, change, problem }) => [outcome, change, problem].filter(Boolean).join(", "),
  interrupted: ({ runtimeStatus }) => `the instance was ended from outside (${runtimeStatus})`,
};

/** Returns what the console says about a step; nothing if its name says it all. */
export function sentenceOf(step: Step): string {
  const sentence = Object.hasOwn(sentences, step.step) ? sentences[step.step] : undefined;
  return sentence?.(step) ?? String(step["error"] ?? "");
}

function counted(count: unknown, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function waitOf({ retryAfterSeconds }: Step): string {
  return typeof retryAfterSeconds === "number" ? `, told to wait ${retryAfterSeconds} s` : "";
}

function reasonOf({ problem, armCode }: Step): string {
  return armCode === undefined ? String(problem) : `${problem} (${armCode})`;
}

function failureOf(problem: string, armCode: unknown): string {
  if (problem === "OperationFailed") return `Azure reports the operation as Failed (${armCode})`;
  if (problem === "OperationCanceled") return `Azure reports the operation as Canceled (${armCode})`;
  return armCode === "no code" ? problem : `${problem} (${armCode})`;
}
