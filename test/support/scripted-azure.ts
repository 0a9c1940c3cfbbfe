import { createStoredConnection } from "../../local/azure/resource-manager/defaults.ts";
import type { ArmResponse } from "../../shared/arm/response.ts";
import type { VpnConnection } from "../../shared/contract/connection.ts";
import { collectSealed, sealSecrets } from "../../shared/secrets/sealing.ts";

// One connection, and a Resource Manager with scripted responses, for the activities that call it.

export const keys = new Map([["k1", Buffer.alloc(32, 3)]]);
export const base = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
export const target = { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "g", connectionName: "c" };
export const instanceId = "vpn-6fec4dfa1dcd8d54cacabf83fa04c7a71aa91596";
export const own = "https://arm.example";

export const body = (sharedKey?: string) => ({
  properties: {
    remoteVpnSite: { id: `${base}/vpnSites/v` },
    vpnLinkConnections: [
      { name: "l", properties: { vpnSiteLink: { id: `${base}/vpnSites/v/vpnSiteLinks/l` }, ...(sharedKey ? { sharedKey } : {}) } },
    ],
  },
});
export function inputFor(sharedKey?: string) {
  const { connection } = sealSecrets({ connection: body(sharedKey) }, instanceId, keys) as { connection: VpnConnection };
  return {
    instanceId,
    requestId: "request-1",
    ticketId: null,
    target,
    desired: connection,
    sealed: collectSealed(connection, ["connection"]),
  };
}
export const answer = (status: number, json: unknown = {}, headers: Record<string, string> = {}): ArmResponse => ({
  status,
  headers,
  text: typeof json === "string" ? json : JSON.stringify(json),
});
/** The connection as the service shows it in a state, its links with it. */
export function shown(provisioningState: string, desired: object = body(), linkState = provisioningState) {
  const stored = createStoredConnection(`${base}/vpnGateways/g/vpnConnections/c`, `${base}/virtualHubs/hub1`, desired) as unknown as {
    properties: { vpnLinkConnections: { properties: object }[] };
  };
  for (const link of stored.properties.vpnLinkConnections) Object.assign(link.properties, { provisioningState: linkState });
  return answer(200, { ...stored, properties: { ...stored.properties, provisioningState } });
}
export const missing = answer(404, { error: { code: "NotFound", message: "none" } });
export const reset = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });

/** A Resource Manager that gives the scripted answers and keeps what it was asked. */
export function scripted(script: { get?: (ArmResponse | Error)[]; put?: (ArmResponse | Error)[]; operation?: (ArmResponse | Error)[] }) {
  const asked: unknown[][] = [];
  const next = async (list: (ArmResponse | Error)[] | undefined, call: unknown[]) => {
    asked.push(call);
    const given = list?.shift();
    if (!given) throw new Error(`not scripted: ${JSON.stringify(call)}`);
    if (given instanceof Error) throw given;
    return given;
  };
  return {
    asked,
    getConnection: (...call: unknown[]) => next(script.get, ["get", ...call]),
    putConnection: (...call: unknown[]) => next(script.put, ["put", ...call]),
    getOperation: (...call: unknown[]) => next(script.operation, ["operation", ...call]),
    getResource: (...call: unknown[]) => next(undefined, ["resource", ...call]),
    isOwn: (url: string) => url.startsWith(`${own}/`),
  };
}
export const log = () => {};
/** No activity that talks to Resource Manager looks at its invocation. */
export const nobody = undefined as never;
export const accepted = (
  status: number,
  headers: Record<string, string> = { "azure-asyncoperation": `${own}/op/1?s=%2B`, "retry-after": "10" },
) => answer(status, { properties: { provisioningState: "Updating" } }, headers);
export const saidOf = (settled: object) =>
  "later" in settled
    ? `later ${(settled.later as { class: string }).class}`
    : "problem" in settled
      ? `problem ${(settled.problem as { code: string }).code}`
      : "ok";
export const connection = { instanceId, requestId: "request-1", ticketId: null, target, sealed: {}, attempt: 1 };
