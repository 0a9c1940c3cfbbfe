import type { RequestNames } from "../../shared/contract/request-names.ts";
import type { GatewayView } from "../../shared/durable/gateway.ts";
import type { Waiter } from "../../shared/durable/waiting.ts";
import type { WriteStep } from "../../shared/log/steps.ts";

/** Logs the place of a request in the queue of its gateway, each time the request looks. */
export function logPlace(
  { position, holder }: GatewayView,
  { waiter, names }: { readonly waiter: Waiter; readonly names: RequestNames },
  operation: string,
  log: WriteStep,
): void {
  if (operation !== "acquire" || position === null) return;
  const about = { instanceId: waiter.instanceId, ...names };
  if (position === 0) {
    log("leaseGranted", about);
    return;
  }
  const [gatewayName] = names.connection?.split("/") ?? [];
  log("waiting", { ...about, position, holder: `${gatewayName}/${holder?.connectionName}`, holderInstanceId: holder?.instanceId });
}
