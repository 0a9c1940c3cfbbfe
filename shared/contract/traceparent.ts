/**
 * Source: https://www.w3.org/TR/trace-context/#traceparent-header (version, trace id, parent id and
 * flags).
 */
const form = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Returns a valid trace context, and null for anything else. A wrong trace is no reason to refuse a
 * request.
 */
export function readTraceparent(traceparent: string | null): string | null {
  return traceparent !== null && form.test(traceparent) ? traceparent : null;
}

/**
 * Returns the trace context that a Service Bus message has in its application properties. Clients
 * of Azure use `Diagnostic-Id`:
 * https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-end-to-end-tracing.
 * The worker writes the first letter of each name in lower case, so names have no case.
 */
export function traceparentOfMessage(properties: Readonly<Record<string, unknown>>): string | null {
  const read = (wanted: string) => {
    const value = Object.entries(properties).find(([name]) => name.toLowerCase() === wanted)?.[1];
    return typeof value === "string" ? readTraceparent(value) : null;
  };
  return read("diagnostic-id") ?? read("traceparent");
}

/** Returns the application properties with which a message carries a trace context. */
export function tracePropertiesOf(traceparent: string | null | undefined): Readonly<Record<string, string>> {
  return traceparent ? { traceparent, "Diagnostic-Id": traceparent } : {};
}
