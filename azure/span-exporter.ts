import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { SpanRecord } from "../shared/tracing/span.ts";
import { allowedAttributesOf } from "./span-attributes.ts";

const EXPORT_TIMEOUT_MS = 5_000;
const SERVICE = "vpn-connection-provisioner";
const kinds = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER };

/**
 * Loads the SDK of OpenTelemetry. Returns what sends spans by OTLP over HTTP, as JSON. Endpoint,
 * headers and resource are those of OpenTelemetry's own variables. The function throws if the
 * receiver does not take the spans.
 */
export async function createSpanExporter(): Promise<(spans: readonly SpanRecord[]) => Promise<void>> {
  const [sdk, { OTLPTraceExporter }, { detectResources, envDetector, resourceFromAttributes }] = await Promise.all([
    import("@opentelemetry/sdk-trace"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/resources"),
  ]);
  const exporter = new OTLPTraceExporter({ timeoutMillis: EXPORT_TIMEOUT_MS, concurrencyLimit: 2 });
  let ended: ReadableSpan[] = [];
  let ids = { traceId: "", spanId: "" };
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ "service.name": SERVICE }).merge(detectResources({ detectors: [envDetector] })),
    // Not by the parent's flag: the Functions host clears it.
    sampler: samplerOf(sdk, process.env),
    // The ids are known already.
    idGenerator: { generateTraceId: () => ids.traceId, generateSpanId: () => ids.spanId },
    spanProcessors: [
      {
        onStart() {},
        onEnd: (span) => void ended.push(span),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  });
  const tracer = provider.getTracer(SERVICE);

  const convert = ({ parentSpanId, startedAt, endedAt, events, attributes, name, kind, failed, ...given }: SpanRecord) => {
    ids = given;
    const { traceId } = given;
    const parent = parentSpanId === null ? undefined : { traceId, spanId: parentSpanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
    const span = tracer.startSpan(
      name,
      { kind: kinds[kind], startTime: new Date(startedAt), attributes: allowedAttributesOf(attributes) },
      parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
    );
    for (const event of events) span.addEvent(event.name, allowedAttributesOf(event.attributes), new Date(event.at));
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(new Date(endedAt));
  };

  return async (spans) => {
    ended = [];
    spans.forEach(convert);
    const batch = ended;
    if (batch.length === 0) return;
    await new Promise<void>((resolve, reject) => {
      // The exporter's time-out ends only a silent connection.
      const timeout = setTimeout(() => reject(Object.assign(new Error(), { code: "ETIMEDOUT" })), EXPORT_TIMEOUT_MS);
      exporter.export(batch, ({ code, error }) => {
        clearTimeout(timeout);
        if (code === 0) resolve();
        else reject(error ?? new Error());
      });
    });
  };
}

function samplerOf(
  { AlwaysOnSampler, TraceIdRatioBasedSampler }: typeof import("@opentelemetry/sdk-trace"),
  { OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG }: NodeJS.ProcessEnv,
) {
  const ratio = Number.parseFloat(OTEL_TRACES_SAMPLER_ARG ?? "1");
  const isByRatio = /^(parentbased_)?traceidratio$/.test(OTEL_TRACES_SAMPLER ?? "") && ratio >= 0 && ratio <= 1;
  return isByRatio ? new TraceIdRatioBasedSampler(ratio) : new AlwaysOnSampler();
}
