import type { PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import { waitOf } from "../shared/arm/response.ts";
import { urlTemplateOf } from "../shared/tracing/url-template.ts";
import type { CallIds } from "./call-ids.ts";
import { errorTypeOf } from "./span-attributes.ts";
import type { Tracing } from "./tracing.ts";

/**
 * Records one call of Resource Manager as a span. The span has the form of the URL, never the URL:
 * those of operations are signed.
 */
export async function traceCall(
  tracing: Tracing,
  { method, url }: Pick<PipelineRequest, "method" | "url">,
  { clientRequestId, correlationId }: CallIds,
  send: () => Promise<PipelineResponse>,
): Promise<PipelineResponse> {
  const { template, type } = urlTemplateOf(url);
  const span = tracing.start({
    name: `${method} ${type}`,
    kind: "client",
    attributes: {
      "http.request.method": method,
      "url.template": template,
      "server.address": new URL(url).hostname,
      "azure.client.request_id": clientRequestId,
      "vpn.arm.correlation_id": correlationId,
    },
  });
  try {
    const response = await send();
    const { status, headers } = response;
    const retryAfterSeconds = waitOf({ status, headers: headers.toJSON(), text: "" });
    span.end({
      "http.response.status_code": status,
      // A read of what does not exist yet is no error.
      ...(status >= 400 && !(method === "GET" && status === 404) ? { "error.type": String(status) } : {}),
      ...(retryAfterSeconds === undefined ? {} : { "vpn.retry_after_s": retryAfterSeconds }),
    });
    return response;
  } catch (error) {
    span.end({ "error.type": errorTypeOf(error) });
    throw error;
  }
}
