import type { Completion } from "../../shared/contract/completion.ts";
import type { ConnectionInput } from "../../shared/durable/activities.ts";
import { instanceIdInEventId } from "../../shared/durable/instance-id.ts";
import { traceOfRequest } from "../../shared/tracing/request-trace.ts";
import type { SpanPlace } from "../../shared/tracing/span.ts";

/**
 * Returns where spans of an activity belong, by its input; undefined if the input is not about a
 * request. An input of an instance from before may lack the request's trace context. Then the trace
 * of the host is used, if it has one.
 */
export function placeOfInput(input: unknown, hostHasTrace: boolean): SpanPlace | undefined {
  if (typeof input !== "object" || input === null) return undefined;
  if ("event" in input && "ticket" in input) {
    const { event } = input as Completion;
    return traceOfRequest(instanceIdInEventId(event.id), event.traceparent).live;
  }
  if (!("instanceId" in input && "requestId" in input)) return undefined;
  const { instanceId, traceparent } = input as ConnectionInput;
  if (!traceparent && hostHasTrace) return undefined;
  return traceOfRequest(instanceId, traceparent).live;
}
