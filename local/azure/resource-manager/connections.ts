import { createHash } from "node:crypto";
import type { Shows } from "../faults.ts";
import type { StateStore } from "../state-store.ts";
import type { Operation } from "./operations.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A stored connection, with the operation of its last change. */
interface Connection {
  readonly resource: { readonly name: string; readonly id: string; readonly type: string; readonly properties: Fields };
  readonly change: "put" | "delete";
  readonly operation: Operation;
  /** Pre-shared keys of the last PUT. Only a fault script shows them: old api-versions did. */
  readonly keys: Fields;
}

/** What a fault script changes in the shown connection. */
interface Showing {
  readonly echoSharedKey?: boolean;
  readonly shows?: Shows;
}

/**
 * Creates the store of all connections, a state machine over the clock. A connection is Updating or
 * Deleting while its operation runs. After that it is Succeeded, Failed or gone. It changes its
 * state without being read.
 */
export function createConnections(store: StateStore) {
  const connections = store.map<Connection>("connection");
  /** The ids of the connections of each gateway, because every read of a gateway lists them. */
  const idsByGateway = new Map<string, Set<string>>();
  const normalizeId = (id: string) => id.toLowerCase();
  const gatewayOf = (id: string) => normalizeId(id).split("/vpnconnections/")[0] ?? "";
  const addToGateway = (id: string) => idsByGateway.set(gatewayOf(id), (idsByGateway.get(gatewayOf(id)) ?? new Set()).add(normalizeId(id)));
  for (const id of connections.keys()) addToGateway(id);

  function remove(id: string): void {
    connections.delete(normalizeId(id));
    idsByGateway.get(gatewayOf(id))?.delete(normalizeId(id));
  }

  function findConnection(id: string, now: number): (Connection & { readonly state: string }) | undefined {
    const connection = connections.get(normalizeId(id));
    if (!connection) return undefined;
    const { operation, change } = connection;
    const running = operation.settlesAt > now;
    if (change === "delete" && !running && operation.end.status === "Succeeded") {
      remove(id);
      return undefined;
    }
    const changing = change === "delete" ? "Deleting" : "Updating";
    return { ...connection, state: running ? changing : operation.end.status };
  }

  return {
    exists: (id: string, now: number): boolean => findConnection(id, now) !== undefined,
    put(resource: Connection["resource"], operation: Operation, keys: Fields) {
      connections.set(normalizeId(resource.id), { resource, change: "put", operation, keys });
      addToGateway(resource.id);
    },
    delete(id: string, operation: Operation) {
      const connection = connections.get(normalizeId(id));
      if (connection) connections.set(normalizeId(id), { ...connection, change: "delete", operation });
    },
    /** Returns the resource as a GET shows it now, or nothing. */
    showResource(id: string, now: number, { echoSharedKey = false, shows = {} }: Showing = {}): object | undefined {
      const connection = findConnection(id, now);
      return connection && formatConnection(connection, echoSharedKey, shows);
    },
    /** Returns the connections of a gateway as a list shows them now. */
    listOf: (gatewayId: string, now: number): object[] =>
      [...(idsByGateway.get(normalizeId(gatewayId)) ?? [])]
        .flatMap((id) => findConnection(id, now) ?? [])
        .map((connection) => formatConnection(connection, false, {})),
  };
}

/**
 * Returns an etag. Every state of an operation has another one: in recorded responses the PUT's
 * etag never comes again.
 */
function etagOf({ id }: Operation, state: string): string {
  const hex = createHash("sha256").update(`${id}/${state}`).digest("hex");
  return `W/"${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}"`;
}

function formatConnection(
  { resource, operation, state: actual, keys }: Connection & { state: string },
  withKeys: boolean,
  shows: Shows,
): object {
  const state = shows.connection ?? actual;
  const linkState = shows.links ?? state;
  const etag = etagOf(operation, state);
  const { vpnLinkConnections, ...properties } = resource.properties;
  const links = vpnLinkConnections as { name: string; properties: Fields }[] | undefined;
  const statusOf = (whenDone: string) => (state === "Succeeded" ? { connectionStatus: whenDone } : {});
  const sharedKeyOf = (of: string) => (withKeys && keys[of] !== undefined ? { sharedKey: keys[of] } : {});
  return {
    ...resource,
    etag,
    properties: {
      provisioningState: state,
      ...properties,
      ...(links ? {} : statusOf("Unknown")),
      ...sharedKeyOf(""),
      ...(links
        ? {
            vpnLinkConnections: links.map((link) => ({
              ...link,
              etag,
              properties: { provisioningState: linkState, ...link.properties, ...statusOf("NotConnected"), ...sharedKeyOf(link.name) },
            })),
          }
        : {}),
    },
  };
}
