import { randomBytes } from "node:crypto";
import { context, trace } from "@opentelemetry/api";
import type { Completion } from "../shared/contract/completion.ts";
import type { Settings } from "../shared/settings.ts";
import { spansOfAnswer } from "../shared/tracing/answer-spans.ts";
import type { SpanAttributes, SpanPlace, SpanRecord } from "../shared/tracing/span.ts";
import { loadOnce } from "./load-once.ts";
import { createSpanExporter } from "./span-exporter.ts";
import { createSpanQueue, type DroppedSpans } from "./span-queue.ts";

/** A span that has not ended. */
export interface OpenSpan {
  /** Moves it to another place. Without this it is below the current span of the invocation. */
  moveTo(place: SpanPlace): void;
  /** Ends it. It failed if the attributes have an `error.type`. */
  end(attributes: SpanAttributes): void;
}

/** Records the app's spans, and sends them to a receiver in the background. */
export interface Tracing {
  /** Begins a span. */
  start(about: Pick<SpanRecord, "name" | "kind" | "attributes">): OpenSpan;
  /** Adds the trace of a whole request, whose answer was sent just now. */
  addAnswer(completion: Completion): void;
  /** Sends what is waiting. Returns when it is sent, or after a second. Never throws. */
  flush(): Promise<void>;
  /** Flushes if there is an answer among what is waiting. */
  finishAnswers(): Promise<void>;
  /** Returns how many spans were lost, at most once a minute; undefined if there is nothing new. */
  takeDropped(): DroppedSpans | undefined;
}

/**
 * Creates the tracing of the app; undefined if no receiver is set. The SDK of OpenTelemetry is
 * loaded when the first spans are sent. `now` is in milliseconds.
 */
export function createTracing(settings: Pick<Settings, "OTEL_EXPORTER_OTLP_ENDPOINT">, now: () => number = Date.now): Tracing | undefined {
  if (settings.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return undefined;
  const exporter = loadOnce(createSpanExporter);
  const queue = createSpanQueue(async (spans) => (await exporter())(spans), now);
  let hasAnswer = false;
  return {
    start({ name, kind, attributes }) {
      const startedAt = now();
      let place = currentPlace();
      return {
        moveTo(given) {
          place = given;
        },
        end(more) {
          const spanId = randomBytes(8).toString("hex");
          const all = { ...attributes, ...more };
          const failed = "error.type" in all;
          queue.add([{ ...place, spanId, name, kind, startedAt, endedAt: now(), attributes: all, events: [], failed }]);
        },
      };
    },
    addAnswer(completion) {
      hasAnswer = true;
      queue.add(spansOfAnswer(completion, now()));
    },
    flush: queue.flush,
    async finishAnswers() {
      if (!hasAnswer) return;
      hasAnswer = false;
      await queue.flush();
    },
    takeDropped: queue.takeDropped,
  };
}

function currentPlace(): SpanPlace {
  const span = trace.getSpanContext(context.active());
  return span ? { traceId: span.traceId, parentSpanId: span.spanId } : { traceId: randomBytes(16).toString("hex"), parentSpanId: null };
}
