import { atMost, type Finding, inOrder } from "../finding.ts";
import type { Problem } from "../problem.ts";
import { connectionId, type Target } from "../resource-id.ts";
import { type Completion, type CompletionData, type CompletionEvent, completedType, eventSource } from "./completion.ts";
import { echoedTicket } from "./ticket.ts";

/** Room for the event's JSON in bytes: the broker takes 256 KB for the whole message, ticket and properties included. */
const MAX_EVENT_BYTES = 200_000;

/** Puts a completion together; `id` is the same for every delivery of the same answer. */
export function composeCompletion(about: {
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
  return { event, ticket: echoedTicket(ticket), replySessionId };
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

const truncated: Finding = {
  code: "Truncated",
  severity: "warning",
  target: "",
  message: "The event was cut to fit into one message.",
  actor: "nobody",
};

function withoutArmDetails({ arm, ...problem }: Problem): Problem {
  return arm ? { ...problem, arm: { ...arm, details: [] } } : problem;
}
