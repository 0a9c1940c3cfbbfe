import type { Tracing } from "../../azure/tracing.ts";
import type { SpanAttributes, SpanPlace } from "../../shared/tracing/span.ts";

/** A span as the app described it. */
export interface RecordedSpan {
  readonly name: string;
  readonly kind: string;
  readonly place: SpanPlace | undefined;
  readonly attributes: SpanAttributes;
}

/** A tracing that keeps the spans that ended. */
export function recordingTracing(): Tracing & { readonly spans: RecordedSpan[] } {
  const spans: RecordedSpan[] = [];
  return {
    spans,
    start({ name, kind, attributes }) {
      let place: SpanPlace | undefined;
      return {
        moveTo(given) {
          place = given;
        },
        end: (more) => void spans.push({ name, kind, place, attributes: { ...attributes, ...more } }),
      };
    },
    addAnswer() {},
    flush: async () => {},
    finishAnswers: async () => {},
    takeDropped: () => undefined,
  };
}
