/** Source: https://www.w3.org/TR/trace-context/#traceparent-header (version, trace id, parent id and flags). */
const form = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Returns a trace context that has the form of the W3C, and null for anything else: it is echoed, and a sender may write anything there. */
export function readTraceparent(traceparent: string | null): string | null {
  return traceparent !== null && form.test(traceparent) ? traceparent : null;
}
