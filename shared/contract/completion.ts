import { atMost, type Finding, inOrder } from "../finding.ts";
import type { Problem } from "../problem.ts";
import { connectionId, type Target } from "../resource-id.ts";
import type { Attempt } from "../settled.ts";

export const completedType = "vpn-connection.provision.completed.v1";
export const eventSource = "/vpn-connection-provisioner";

/** How a request ended. */
export type Outcome = "Succeeded" | "Failed" | "Rejected";
/** What a success did to the connection in Azure. */
export type Change = "Created" | "Updated" | "Unchanged";

/** When each step of a request was reached, ISO 8601 in UTC; null for a step that was not. */
export interface Timing {
  receivedAt: string;
  startedAt: string | null;
  leaseGrantedAt: string | null;
  submittedAt: string | null;
  provisionedAt: string | null;
  completedAt: string;
  polls: number;
}

/** The `data` of the one completion event of a request. */
export interface CompletionData {
  readonly requestId: string;
  readonly requestSource: string;
  readonly outcome: Outcome;
  readonly change: Change | null;
  readonly resource: unknown;
  readonly problem: Problem | null;
  readonly warnings: readonly Finding[];
  readonly diff: null;
  readonly armState: string | null;
  readonly arm: {
    readonly correlationRequestId: string;
    readonly operationId: string | null;
    readonly attempts: readonly (Attempt & { at: string })[];
  };
  readonly timing: Readonly<Timing>;
}

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

/** Room for the event's JSON in bytes: the broker takes 256 KB for the whole message, ticket and properties included. */
const MAX_EVENT_BYTES = 200_000;

/** Puts a completion together; `id` is the same for every delivery of the same answer. */
export function completionOf(about: {
  id: string;
  target: Target | null;
  traceparent: string | null;
  ticket: string | null;
  replySessionId: string | null;
  data: CompletionData;
}): Completion {
  const { id, target, traceparent, ticket, replySessionId, data } = about;
  const event: CompletionEvent = {
    specversion: "1.0",
    type: completedType,
    id,
    source: eventSource,
    ...(target ? { subject: connectionId(target) } : {}),
    time: data.timing.completedAt,
    datacontenttype: "application/json",
    ...(traceparent ? { traceparent } : {}),
    data: withinBounds({ ...data, warnings: inOrder(data.warnings) }),
  };
  return { event, ticket, replySessionId };
}

/** Cuts the lists that can grow without bound, attempts first, and says so: an event that the broker refuses would be silence. */
function withinBounds(data: CompletionData): CompletionData {
  const cuts: ((from: CompletionData) => CompletionData)[] = [
    ...[100, 20, 0].map((most) => (from: CompletionData) => ({
      ...from,
      arm: { ...from.arm, attempts: from.arm.attempts.slice(0, most) },
    })),
    ...[100, 10, 1].map((most) => (from: CompletionData) => ({
      ...from,
      problem: from.problem && { ...from.problem, details: atMost(from.problem.details, most) },
      warnings: atMost(from.warnings, most),
    })),
    (from) => ({ ...from, problem: from.problem && withoutArmDetails(from.problem) }),
    (from) => ({ ...from, resource: null }),
  ];
  const fits = (candidate: CompletionData) => new TextEncoder().encode(JSON.stringify(candidate)).length <= MAX_EVENT_BYTES;
  if (fits(data)) return data;
  let bounded: CompletionData = { ...data, warnings: [truncated, ...data.warnings] };
  for (const cut of cuts) if (!fits(bounded)) bounded = cut(bounded);
  return bounded;
}

const truncated: Finding = { code: "Truncated", severity: "warning", target: "", message: "The event was cut to fit into one message." };

function withoutArmDetails({ arm, ...problem }: Problem): Problem {
  return arm ? { ...problem, arm: { ...arm, details: [] } } : problem;
}
