import { createHash } from "node:crypto";
import { readTraceparent } from "../contract/traceparent.ts";
import type { SpanPlace } from "./span.ts";

/** The trace of a request, and the span that shows the whole request. */
export interface RequestTrace {
  /** Where the span of the whole request belongs. */
  readonly root: SpanPlace;
  readonly rootSpanId: string;
  /** Where spans belong that are recorded while the request is carried out. */
  readonly live: SpanPlace;
}

/**
 * Returns the trace of a request: that of its trace context or, without one, a trace whose id
 * follows from the instance id. The ids of one request are always the same.
 */
export function traceOfRequest(instanceId: string, traceparent: string | null | undefined): RequestTrace {
  const [, givenTraceId, givenSpanId] = readTraceparent(traceparent ?? null)?.split("-") ?? [];
  const rootSpanId = spanIdOf(instanceId, "provision");
  if (givenTraceId && givenSpanId) {
    const given = { traceId: givenTraceId, parentSpanId: givenSpanId };
    return { root: given, rootSpanId, live: given };
  }
  const traceId = hashOf(instanceId, "trace").slice(0, 32);
  return { root: { traceId, parentSpanId: null }, rootSpanId, live: { traceId, parentSpanId: rootSpanId } };
}

/** Returns the id of a span that is made from the answer. `what` differs for each of them. */
export function spanIdOf(instanceId: string, what: string): string {
  return hashOf(instanceId, what).slice(0, 16);
}

function hashOf(instanceId: string, what: string): string {
  return createHash("sha256").update(`${instanceId}/${what}`).digest("hex");
}
