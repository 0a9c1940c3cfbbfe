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
