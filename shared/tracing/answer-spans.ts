import type { Completion, CompletionData } from "../contract/completion.ts";
import { connectionNameOf } from "../contract/request-names.ts";
import { instanceIdInEventId } from "../durable/instance-id.ts";
import { isOfCancellation, type PhaseName, phasesOf } from "./phases.ts";
import { spanIdOf, traceOfRequest } from "./request-trace.ts";
import type { SpanEvent, SpanRecord } from "./span.ts";

type CallAction = CompletionData["arm"]["attempts"][number]["action"];
const callsOfPhase: Partial<Record<PhaseName, readonly CallAction[]>> = {
  validate: ["check"],
  plan: ["get"],
  put: ["get", "put"],
  "wait for Azure": ["poll"],
  verify: ["verify"],
};

/**
 * Returns the trace of a whole request, made from its answer: one span for the request, and below
 * it one for each phase. Live spans cannot show how long a request waited. The ids follow from the
 * instance id, so the spans of an answer that is sent again replace the first ones.
 */
export function spansOfAnswer({ event }: Pick<Completion, "event">, publishedAt: number): SpanRecord[] {
  const { data, subject, traceparent } = event;
  const instanceId = instanceIdInEventId(event.id);
  const { root, rootSpanId } = traceOfRequest(instanceId, traceparent);
  const phases = phasesOf(data, publishedAt);
  const [first, last] = [phases.at(0), phases.at(-1)];
  if (!first || !last) return [];
  const span = { kind: "internal", traceId: root.traceId } as const;
  const failed = data.outcome !== "Succeeded" && data.outcome !== "Planned";
  const whole: SpanRecord = {
    ...span,
    name: [isOfCancellation(data) ? "cancel" : "provision", connectionIn(subject)].filter(Boolean).join(" "),
    spanId: rootSpanId,
    parentSpanId: root.parentSpanId,
    startedAt: first.startedAt,
    endedAt: last.endedAt,
    attributes: {
      "vpn.instance_id": instanceId,
      "vpn.outcome": data.outcome,
      "vpn.polls": data.timing.polls,
      "vpn.arm.correlation_id": data.arm.correlationRequestId,
      ...(data.change ? { "vpn.change": data.change } : {}),
      ...(data.problem ? { "vpn.problem": data.problem.code, "error.type": data.problem.code } : {}),
    },
    events: [],
    failed,
  };
  return [
    whole,
    ...phases.map(({ name, startedAt, endedAt }) => ({
      ...span,
      name,
      spanId: spanIdOf(instanceId, name),
      parentSpanId: rootSpanId,
      startedAt,
      endedAt,
      attributes: name === "wait for Azure" ? { "vpn.polls": data.timing.polls } : {},
      events: callsIn(data, callsOfPhase[name] ?? [], { startedAt, endedAt }),
      failed: false,
    })),
  ];
}

function callsIn({ arm }: CompletionData, actions: readonly CallAction[], within: { startedAt: number; endedAt: number }): SpanEvent[] {
  return arm.attempts
    .filter(({ action, remembered }) => actions.includes(action) && !remembered)
    .map(({ action, at, clientRequestId, status, retryAfterSeconds }) => ({
      name: action,
      at: Math.min(Math.max(Date.parse(at), within.startedAt), within.endedAt),
      attributes: {
        "azure.client.request_id": clientRequestId,
        ...(status === null ? {} : { "http.response.status_code": status }),
        ...(retryAfterSeconds === null ? {} : { "vpn.retry_after_s": retryAfterSeconds }),
      },
    }));
}

/** Returns the gateway's and the connection's name. Only valid requests have a subject. */
function connectionIn(subject = ""): string | undefined {
  const [, gatewayName, connectionName] = /\/vpnGateways\/([^/]+)\/vpnConnections\/([^/]+)$/.exec(subject) ?? [];
  return gatewayName && connectionName ? connectionNameOf({ gatewayName, connectionName }) : undefined;
}
