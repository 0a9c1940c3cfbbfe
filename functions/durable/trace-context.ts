import { AsyncLocalStorage } from "node:async_hooks";
import { app, type PostInvocationContext, type PreInvocationContext } from "@azure/functions";
import {
  type Context,
  type ContextManager,
  context,
  createTraceState,
  propagation,
  ROOT_CONTEXT,
  type TextMapPropagator,
  trace,
} from "@opentelemetry/api";
import type { Tracing } from "../../azure/tracing.ts";
import { readTraceparent } from "../../shared/contract/traceparent.ts";
import { logStepOf } from "./log-step.ts";
import { placeOfInput } from "./trace-of-input.ts";

// The durable client adds a `traceparent` to a start only if the OpenTelemetry API has a current
// span. The official instrumentation for Azure Functions makes one current, but it patches
// `require`, which does nothing in a bundle. So the few parts that are needed are here. Spans of
// the app are recorded by `azure/tracing.ts`, if a receiver is set.

/**
 * Makes the trace of an invocation current while its function runs, so that an instance that it
 * starts belongs to the same trace. Orchestrations and entities start nothing. With `tracing`, an
 * activity gets the trace of its request instead, and the end of an invocation waits a moment for
 * the trace of an answer to be sent.
 */
export function followTraces(tracing?: Tracing): void {
  context.setGlobalContextManager(createContextManager());
  propagation.setGlobalPropagator(traceContextPropagator);
  app.hook.preInvocation((invocation) => bindHandlerToTrace(invocation, tracing));
  if (!tracing) return;
  app.hook.postInvocation((invocation) => finishInvocation(invocation, tracing));
  app.hook.appTerminate(() => tracing.flush());
}

const replayedTriggers = ["orchestrationTrigger", "entityTrigger"];

function bindHandlerToTrace(invocation: PreInvocationContext, tracing: Tracing | undefined): void {
  const { options, traceContext } = invocation.invocationContext;
  if (replayedTriggers.includes(options.trigger.type)) return;
  const carrier = { traceparent: traceContext?.traceParent, tracestate: traceContext?.traceState };
  const ofHost = propagation.extract(ROOT_CONTEXT, carrier);
  const place = tracing && placeOfInput(invocation.inputs[0], trace.getSpanContext(ofHost) !== undefined);
  const ofRequest =
    place?.parentSpanId && trace.setSpanContext(ROOT_CONTEXT, { traceId: place.traceId, spanId: place.parentSpanId, traceFlags: 1 });
  invocation.functionHandler = context.bind(ofRequest || ofHost, invocation.functionHandler);
}

async function finishInvocation({ invocationContext }: PostInvocationContext, tracing: Tracing): Promise<void> {
  if (replayedTriggers.includes(invocationContext.options.trigger.type)) return;
  await tracing.finishAnswers();
  const lost = tracing.takeDropped();
  if (lost) logStepOf(invocationContext)("spansDropped", { ...lost });
}

function createContextManager(): ContextManager {
  const current = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => current.getStore() ?? ROOT_CONTEXT,
    with: (active, run, self, ...args) => current.run(active, () => run.apply(self as ThisParameterType<typeof run>, args)),
    bind<T>(active: Context, target: T): T {
      if (typeof target !== "function") return target;
      return ((...args: unknown[]) => current.run(active, () => target(...args))) as T;
    },
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}

/** Reads and writes the headers of https://www.w3.org/TR/trace-context/. */
const traceContextPropagator: TextMapPropagator = {
  fields: () => ["traceparent", "tracestate"],
  extract(into, carrier, getter) {
    const text = (name: string) => [getter.get(carrier, name) ?? []].flat()[0];
    const traceparent = readTraceparent(text("traceparent") ?? null);
    if (traceparent === null) return into;
    const [, traceId = "", spanId = "", flags = ""] = traceparent.split("-");
    const state = text("tracestate");
    const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
    return trace.setSpanContext(into, state ? { ...span, traceState: createTraceState(state) } : span);
  },
  inject(from, carrier, setter) {
    const span = trace.getSpanContext(from);
    if (!span) return;
    const flags = span.traceFlags.toString(16).padStart(2, "0");
    setter.set(carrier, "traceparent", `00-${span.traceId}-${span.spanId}-${flags}`);
    const state = span.traceState?.serialize();
    if (state) setter.set(carrier, "tracestate", state);
  },
};
