import type { SpanAttributes } from "../shared/tracing/span.ts";

/**
 * The attributes that may leave the app. They hold no URL, no name of a secret, and no text of a
 * requester or of Azure.
 */
const allowed = new Set([
  "azure.client.request_id",
  "error.type",
  "http.request.method",
  "http.response.status_code",
  "messaging.destination.name",
  "messaging.operation.type",
  "messaging.servicebus.message.delivery_count",
  "messaging.system",
  "server.address",
  "url.template",
  "vpn.arm.correlation_id",
  "vpn.change",
  "vpn.instance_id",
  "vpn.outcome",
  "vpn.polls",
  "vpn.problem",
  "vpn.queue_s",
  "vpn.retry_after_s",
]);

/** Returns the attributes that may leave the app. */
export function allowedAttributesOf(attributes: SpanAttributes): Record<string, string | number | boolean> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => allowed.has(name)));
}

/** Returns the type of an error for a span: its code or its name. Its text may have secrets. */
export function errorTypeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
