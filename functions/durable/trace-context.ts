import { AsyncLocalStorage } from "node:async_hooks";
import { app, type PreInvocationContext } from "@azure/functions";
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
import { readTraceparent } from "../../shared/contract/traceparent.ts";

// The durable client adds a `traceparent` to a start only if the OpenTelemetry API has a current
// span. The official instrumentation for Azure Functions makes one current, but it patches
// `require`, which does nothing in a bundle. So the few parts that are needed are here. They record
// and export nothing: the host does.

/**
 * Makes the trace of an invocation current while its function runs, so that an instance that it
 * starts belongs to the same trace. Orchestrations and entities start nothing.
 */
export function followTraces(): void {
  context.setGlobalContextManager(createContextManager());
  propagation.setGlobalPropagator(traceContextPropagator);
  app.hook.preInvocation(bindHandlerToTrace);
}

const replayedTriggers = ["orchestrationTrigger", "entityTrigger"];

function bindHandlerToTrace(invocation: PreInvocationContext): void {
  const { options, traceContext } = invocation.invocationContext;
  if (replayedTriggers.includes(options.trigger.type)) return;
  const carrier = { traceparent: traceContext?.traceParent, tracestate: traceContext?.traceState };
  invocation.functionHandler = context.bind(propagation.extract(ROOT_CONTEXT, carrier), invocation.functionHandler);
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
