import type { RequestNames } from "../../shared/contract/request-names.ts";
import type { LeaseView } from "../../shared/durable/lease.ts";
import type { LogStep } from "./log-step.ts";

/** Logs the place of a request in the queue of its gateway, each time the request looks. */
export function logPlace(
  { position, holder }: LeaseView,
  { asking, names }: { readonly asking: string; readonly names?: RequestNames },
  operation: string,
  log: LogStep,
): void {
  if (operation !== "join" || !names || position === null) return;
  const about = { instanceId: asking, ...names };
  if (position === 0) {
    log("leaseGranted", about);
    return;
  }
  const [gatewayName] = names.connection?.split("/") ?? [];
  log("waiting", { ...about, position, holder: `${gatewayName}/${holder?.connectionName}`, holderInstanceId: holder?.instanceId });
}
