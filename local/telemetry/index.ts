import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type ReceivedSpan, readSpans } from "./otlp.ts";

/** Older traces are forgotten. */
const MOST_TRACES = 500;
const LARGEST_BODY_BYTES = 16 * 1024 * 1024;

/** The span of a whole request, with the phases below it. */
export interface AnswerTrace {
  readonly instanceId: string;
  readonly whole: ReceivedSpan;
  readonly phases: readonly ReceivedSpan[];
}

/** A running receiver of traces. */
export interface Telemetry {
  /** What OTEL_EXPORTER_OTLP_ENDPOINT must be. */
  readonly url: string;
  close(): void;
}

/**
 * Starts a receiver of OTLP over HTTP, as JSON, on this machine. Calls `onAnswer` once for each
 * request whose answer was sent. `GET /local/traces/{instance}` returns all spans of a request.
 */
export async function startTelemetry(onAnswer: (trace: AnswerTrace) => void): Promise<Telemetry> {
  /** Trace id → span id → span. A span that comes again replaces the one before. */
  const traces = new Map<string, Map<string, ReceivedSpan>>();
  /** Ids of the spans of requests that were reported. */
  const reported = new Set<string>();

  function keep(span: ReceivedSpan): void {
    const spans = traces.get(span.traceId) ?? new Map<string, ReceivedSpan>();
    traces.set(span.traceId, spans.set(span.spanId, span));
    const [oldest] = traces.keys();
    if (traces.size > MOST_TRACES && oldest !== undefined) traces.delete(oldest);
  }

  function report(whole: ReceivedSpan): void {
    if (whole.attributes["vpn.outcome"] === undefined || reported.has(whole.spanId)) return;
    reported.add(whole.spanId);
    const phases = spansOf(whole.traceId).filter(({ parentSpanId, kind }) => parentSpanId === whole.spanId && kind === "internal");
    onAnswer({ instanceId: String(whole.attributes["vpn.instance_id"]), whole, phases });
  }

  function spansOf(traceId: string): ReceivedSpan[] {
    return [...(traces.get(traceId)?.values() ?? [])].sort((one, other) => one.startedAt - other.startedAt);
  }

  /** One trace may have several requests. */
  function spansOfInstance(instanceId: string): ReceivedSpan[] {
    const ids = [...traces].filter(([, spans]) =>
      [...spans.values()].some(({ attributes }) => attributes["vpn.instance_id"] === instanceId),
    );
    return ids.flatMap(([traceId]) => spansOf(traceId));
  }

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (request.method === "POST" && pathname === "/v1/traces") {
      const spans = await readExport(request, response);
      for (const span of spans) keep(span);
      return spans.forEach(report);
    }
    const [, instanceId] = /^\/local\/traces\/([^/]+)$/.exec(pathname) ?? [];
    const found = instanceId === undefined ? [] : spansOfInstance(decodeURIComponent(instanceId));
    if (found.length > 0) return respond(response, 200, found);
    return respond(response, 404, { error: instanceId ? `There is no span of the instance ${instanceId} yet.` : "There is nothing here." });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // It keeps no command running.
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function readExport(request: IncomingMessage, response: ServerResponse): Promise<ReceivedSpan[]> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size <= LARGEST_BODY_BYTES) chunks.push(chunk as Buffer);
  }
  try {
    const spans = size > LARGEST_BODY_BYTES ? undefined : readSpans(Buffer.concat(chunks).toString("utf8"));
    respond(response, spans ? 200 : 413, {});
    return spans ?? [];
  } catch {
    respond(response, 400, { error: "Expected OTLP as JSON: set OTEL_EXPORTER_OTLP_PROTOCOL to http/json in the sender." });
    return [];
  }
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
