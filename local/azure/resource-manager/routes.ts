import type { Clock } from "../../clock.ts";
import type { Fault } from "../faults.ts";
import { createStateStore, type StateStore } from "../state-store.ts";
import { createConnections } from "./connections.ts";
import { createStoredConnection } from "./defaults.ts";
import { createOperations, createStatusBody, type Operation, type OperationEnd } from "./operations.ts";
import { type ArmRequest, type ArmResponse, armError, parentNotFound } from "./responses.ts";
import { findLateFault, readPut } from "./validation.ts";
import { findGateway, findGroup, findResource, location } from "./world.ts";

/** The behaviour of the simulated service without faults. */
export interface Behaviour {
  readonly clock: Clock;
  readonly endpoint: () => string;
  readonly operationSeconds: number;
  readonly retryAfterSeconds: number;
  /** The store of its state. Without it the state is in memory. */
  readonly store?: StateStore;
}

/** One route: the requests it matches, their kind in the fault script, and the handler. */
export interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly fault: NonNullable<Fault["on"]>;
  readonly handle: (request: ArmRequest, fault: Fault | undefined) => ArmResponse;
}

/** Creates the simulator's state and its table of routes. */
export function createRoutes({ clock, endpoint, operationSeconds, retryAfterSeconds, store = createStateStore() }: Behaviour) {
  const connections = createConnections(store);
  const operations = createOperations(store);

  const networkPathOf = ({ names }: ArmRequest) =>
    `/subscriptions/${names["subscription"]}/resourceGroups/${names["group"]}/providers/Microsoft.Network`;
  const gatewayOf = ({ names }: ArmRequest) => findGateway(names["group"] ?? "", names["gateway"] ?? "");
  const gatewayIdOf = (request: ArmRequest) =>
    `${networkPathOf(request)}/vpnGateways/${gatewayOf(request)?.name ?? request.names["gateway"]}`;
  const hubId = (request: ArmRequest) => `${networkPathOf(request)}/virtualHubs/${gatewayOf(request)?.hub}`;
  const connectionIdOf = (request: ArmRequest) => `${gatewayIdOf(request)}/vpnConnections/${request.names["connection"]}`;
  const retryAfter = { "retry-after": String(retryAfterSeconds) };
  const missingConnection = armError(404, "NotFound", "The resource was not found.");

  function refuseParent(request: ArmRequest): ArmResponse | undefined {
    const { group = "", gateway = "" } = request.names;
    if (!findGroup(group))
      return armError(404, "ResourceGroupNotFound", `Resource group '${group}' could not be found.`, {
        "x-ms-failure-cause": "gateway",
      });
    return gatewayOf(request) ? undefined : parentNotFound("Microsoft.Network/vpnGateways", gateway, group);
  }

  function refuseBusy(request: ArmRequest): ArmResponse | undefined {
    const blocking = operations.runningOn(gatewayIdOf(request), clock.now());
    if (!blocking) return undefined;
    const message = `Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: ${endpoint()}${blocking.path}.`;
    return armError(409, "AnotherOperationInProgress", message);
  }

  function begin(request: ArmRequest, end: OperationEnd, seconds = operationSeconds, lagSeconds = 0): Operation {
    const endsAt = clock.now() + seconds * 1000;
    return operations.begin(request.names["subscription"] ?? "", request.apiVersion, {
      connectionId: connectionIdOf(request),
      gatewayId: gatewayIdOf(request),
      endsAt,
      settlesAt: endsAt + lagSeconds * 1000,
      end,
    });
  }

  function putConnection(request: ArmRequest, fault: Fault | undefined): ArmResponse {
    const id = connectionIdOf(request);
    const refusal = refuseParent(request);
    if (refusal) return refusal;
    const put = readPut(request.text, id);
    if ("refusal" in put) return put.refusal;
    if (fault?.busySeconds) begin(request, { status: "Succeeded" }, fault.busySeconds);
    const busy = refuseBusy(request);
    if (busy) return busy;

    const existed = connections.exists(id, clock.now());
    const late = findLateFault(put.body);
    const end: OperationEnd = { status: fault?.operation?.end ?? (late ? "Failed" : "Succeeded"), ...errorOf(fault, late) };
    const operation = begin(request, end, fault?.operation?.seconds, fault?.operation?.lagSeconds);
    connections.put(
      createStoredConnection(id, hubId(request), put.body as { properties?: Record<string, unknown> }),
      operation,
      keysOf(put.body),
    );
    const headers = { "azure-asyncoperation": endpoint() + operation.path, "azure-asyncnotification": "Enabled", ...retryAfter };
    return { status: existed ? 200 : 201, headers, body: connections.showResource(id, clock.now(), fault), operation };
  }

  function deleteConnection(request: ArmRequest, fault: Fault | undefined): ArmResponse {
    const id = connectionIdOf(request);
    const refusal = refuseParent(request) ?? (connections.exists(id, clock.now()) ? refuseBusy(request) : { status: 204 });
    if (refusal) return refusal;
    const end: OperationEnd = { status: fault?.operation?.end ?? "Succeeded", ...errorOf(fault, undefined) };
    const operation = begin(request, end, fault?.operation?.seconds, fault?.operation?.lagSeconds);
    connections.delete(id, operation);
    const url = endpoint() + operation.path;
    return {
      status: 202,
      headers: { "azure-asyncoperation": url, location: url.replace("/operations/", "/operationResults/"), ...retryAfter },
      operation,
    };
  }

  function getGateway(request: ArmRequest): ArmResponse {
    const refusal = refuseParent(request);
    if (refusal) return refusal;
    const id = gatewayIdOf(request);
    const provisioningState = operations.runningOn(id, clock.now()) ? "Updating" : "Succeeded";
    const properties = {
      provisioningState,
      virtualHub: { id: hubId(request) },
      connections: connections.listOf(id, clock.now()),
      vpnGatewayScaleUnit: 1,
    };
    return { status: 200, body: { name: id.split("/").at(-1), id, type: "Microsoft.Network/vpnGateways", location, properties } };
  }

  /** The whole URL must be equal, because the service signs it. */
  function operationOf(request: ArmRequest, segment: string) {
    const operation = operations.get(request.names["operation"] ?? "");
    return operation?.path.replace("/operations/", `/${segment}/`) === request.url ? operation : undefined;
  }
  const unknownOperation = armError(404, "NotFound", "The operation was not found, or its URL was changed.");

  function getOperation(request: ArmRequest): ArmResponse {
    const operation = operationOf(request, "operations");
    if (!operation) return unknownOperation;
    return { status: 200, headers: operation.endsAt > clock.now() ? retryAfter : {}, body: createStatusBody(operation, clock.now()) };
  }

  function getOperationResult(request: ArmRequest): ArmResponse {
    const operation = operationOf(request, "operationResults");
    if (!operation) return unknownOperation;
    return operation.endsAt > clock.now()
      ? { status: 202, headers: { location: endpoint() + request.url, ...retryAfter } }
      : { status: 204 };
  }

  function getConnection(request: ArmRequest, fault: Fault | undefined): ArmResponse {
    const refusal = refuseParent(request);
    if (refusal) return refusal;
    const shown = connections.showResource(connectionIdOf(request), clock.now(), fault);
    return shown ? { status: 200, body: shown } : missingConnection;
  }

  function getOther(request: ArmRequest): ArmResponse {
    const { path = "", group = "" } = request.names;
    const found = findResource(group, networkPathOf(request), path);
    return found
      ? { status: 200, body: found }
      : parentNotFound(`Microsoft.Network/${path.split("/")[0]}`, path.split("/").slice(1).join("/"), group);
  }

  const resource = "^/subscriptions/(?<subscription>[^/]+)/resourceGroups/(?<group>[^/]+)/providers/Microsoft\\.Network";
  const place = "^/subscriptions/(?<subscription>[^/]+)/providers/Microsoft\\.Network/locations/[^/]+";
  const createPattern = (pattern: string) => new RegExp(`${pattern}$`, "i");
  const connection = createPattern(`${resource}/vpnGateways/(?<gateway>[^/]+)/vpnConnections/(?<connection>[^/]+)`);
  const routes: readonly Route[] = [
    { method: "PUT", path: connection, fault: "put", handle: putConnection },
    { method: "GET", path: connection, fault: "get", handle: getConnection },
    { method: "DELETE", path: connection, fault: "delete", handle: deleteConnection },
    { method: "GET", path: createPattern(`${place}/operations/(?<operation>[^/]+)`), fault: "poll", handle: getOperation },
    { method: "GET", path: createPattern(`${place}/operationResults/(?<operation>[^/]+)`), fault: "poll", handle: getOperationResult },
    {
      method: "GET",
      path: createPattern(`${resource}/vpnGateways/(?<gateway>[^/]+)/vpnConnections`),
      fault: "check",
      handle: (request) => refuseParent(request) ?? { status: 200, body: { value: connections.listOf(gatewayIdOf(request), clock.now()) } },
    },
    { method: "GET", path: createPattern(`${resource}/vpnGateways/(?<gateway>[^/]+)`), fault: "check", handle: getGateway },
    { method: "GET", path: createPattern(`${resource}/(?<path>.+)`), fault: "check", handle: getOther },
  ];
  /** Returns the name for the fault script: of the connection, or of the resource for a check. */
  const nameOf = ({ names }: ArmRequest) =>
    names["connection"] ??
    (operations.get(names["operation"] ?? "")?.connectionId ?? names["path"] ?? names["gateway"] ?? "").split("/").at(-1) ??
    "";
  return { routes, nameOf };
}

function errorOf(fault: Fault | undefined, late: object | undefined): { error?: unknown } {
  const end = fault?.operation?.end;
  if (end === "Failed" || end === "Canceled")
    return {
      error: fault?.operation?.error ?? {
        code: end === "Failed" ? "InternalServerError" : "Canceled",
        message: "Scripted end of the operation.",
        details: [],
      },
    };
  return end === undefined && late ? { error: late } : {};
}

function keysOf(body: unknown): Record<string, unknown> {
  const { properties } = body as {
    properties: { sharedKey?: unknown; vpnLinkConnections?: { name: string; properties?: { sharedKey?: unknown } }[] };
  };
  const links = (properties.vpnLinkConnections ?? []).map((link) => [link.name, link.properties?.sharedKey]);
  return Object.fromEntries([["", properties.sharedKey], ...links]);
}
