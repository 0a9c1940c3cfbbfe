/** A value of an attribute. */
export type SpanValue = string | number | boolean;
export type SpanAttributes = Readonly<Record<string, SpanValue>>;

/** Where a span belongs: its trace, and the span above it, if any. */
export interface SpanPlace {
  readonly traceId: string;
  readonly parentSpanId: string | null;
}

/**
 * A span that has ended, as data. Times are in milliseconds since 1970. Only its exporter knows
 * OpenTelemetry.
 */
export interface SpanRecord extends SpanPlace {
  readonly spanId: string;
  readonly name: string;
  readonly kind: "internal" | "client" | "producer" | "consumer";
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: SpanAttributes;
  readonly events: readonly SpanEvent[];
  readonly failed: boolean;
}

/** Something that happened within a span. */
export interface SpanEvent {
  readonly name: string;
  readonly at: number;
  readonly attributes: SpanAttributes;
}
