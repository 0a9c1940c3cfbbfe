/** A span as the receiver keeps it. Times are in milliseconds since 1970. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly kind: "internal" | "server" | "client" | "producer" | "consumer";
  readonly startedAt: number;
  readonly endedAt: number;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly at: number; readonly attributes: Readonly<Record<string, unknown>> }[];
  readonly resource: Readonly<Record<string, unknown>>;
}

/**
 * The parts of an export request that are read, in the JSON encoding of
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding.
 */
interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource?: { readonly attributes?: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}
interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status?: { readonly code?: number };
  readonly attributes?: readonly OtlpAttribute[];
  readonly events?: readonly { readonly name: string; readonly timeUnixNano: string; readonly attributes?: readonly OtlpAttribute[] }[];
}
interface OtlpAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

const kinds = ["internal", "internal", "server", "client", "producer", "consumer"] as const;
const ERROR_STATUS = 2;

/** Returns the spans of an export request. Throws if it has another form. */
export function readSpans(body: string): ReceivedSpan[] {
  const { resourceSpans } = JSON.parse(body) as ExportRequest;
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map((span) => readSpan(span, valuesOf(resource?.attributes)))),
  );
}

function readSpan(span: OtlpSpan, resource: ReceivedSpan["resource"]): ReceivedSpan {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId || null,
    name: span.name,
    kind: kinds[span.kind] ?? "internal",
    startedAt: millisecondsOf(span.startTimeUnixNano),
    endedAt: millisecondsOf(span.endTimeUnixNano),
    failed: span.status?.code === ERROR_STATUS,
    attributes: valuesOf(span.attributes),
    events: (span.events ?? []).map(({ name, timeUnixNano, attributes }) => ({
      name,
      at: millisecondsOf(timeUnixNano),
      attributes: valuesOf(attributes),
    })),
    resource,
  };
}

function millisecondsOf(nanoseconds: string): number {
  return Number(BigInt(nanoseconds) / 1_000n) / 1_000;
}

/** Whole numbers may arrive as text, because JSON has no 64-bit integers. */
function valuesOf(attributes: readonly OtlpAttribute[] = []): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value["intValue"] === undefined ? Object.values(value)[0] : Number(value["intValue"])]),
  );
}
