import type { RequestNames } from "../shared/contract/request-names.ts";
import type { LeaseView } from "../shared/lease.ts";
import type { LogStep } from "./log-step.ts";

/** Tells the log the place of a request in the queue of its gateway, whenever the request looks. */
export function tellPlace(
  { position, holder }: LeaseView,
  { asking, names }: { readonly asking: string; readonly names?: RequestNames },
  operation: string,
  log: LogStep,
): void {
  if (operation !== "join" || !names || position === null) return;
  const about = { instanceId: asking, ...names };
  if (position === 0) log("leaseGranted", about);
  else {
    const [gatewayName] = names.connection?.split("/") ?? [];
    log("waiting", { ...about, position, holder: `${gatewayName}/${holder?.connectionName}`, holderInstanceId: holder?.instanceId });
  }
}
