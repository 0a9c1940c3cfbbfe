import { forgetKeys, type KeysAfterChange, type KnownKeys, keepKeys, noKeys, type RememberedKeys, recallKeys } from "./connection-keys.ts";
import { addFence, type Fences, findNewerRequester, type Requester } from "./fence.ts";
import { addWaiter, grantEventOf, positionOf, removeWaiter, rowOf, type Waiter, type Waiting, waiterOf, waitersFor } from "./waiting.ts";

/** The request that may change a gateway. */
interface Holder extends Waiter {
  /**
   * What was remembered of the keys of its connection. Set when the request has taken them. A PUT
   * may change the keys, so they are not remembered anywhere else then.
   */
  readonly taken?: RememberedKeys["keys"];
}

/**
 * The state of one gateway: the lease (the request that may change it, the requests that wait, and
 * the connections that a former holder may have left in the middle of a change), and what is known
 * of each of its connections.
 */
export interface Gateway {
  readonly holder: Holder | null;
  readonly waiting: Waiting;
  /** Names of connections of which a change may still be in progress in Azure. */
  readonly unsettled: readonly string[];
  readonly fences: Fences;
  readonly keys: KnownKeys;
}

/** An instance, and the event that wakes it. */
export interface Wakeable {
  readonly instanceId: string;
  readonly event: string;
}

/** A gateway as one request sees it. */
export interface GatewayView {
  /** 0 is the holder, 1 is next. Null if the request is not in the queue. */
  readonly position: number | null;
  readonly holder: (Wakeable & { readonly connectionName: string }) | null;
  /** Connections whose changes must have ended before the holder may write. */
  readonly unsettled: readonly string[];
  /** What is remembered of the keys of the connection. Empty if the request still waits. */
  readonly remembered: RememberedKeys;
  /** Set if the request was refused because a newer request has changed its connection. */
  readonly supersededBy: Requester | null;
  /** The requests that this operation removed from the queue as superseded. They must be woken. */
  readonly superseded: readonly Wakeable[];
}

/** What a holder leaves behind. */
export interface Release {
  readonly instanceId: string;
  /**
   * Connections that are still being changed. Null if the holder never learned that it had the
   * lease.
   */
  readonly unsettled: readonly string[] | null;
  /** Set if the holder may have changed its connection. */
  readonly changedBy: Requester | null;
  readonly keys: KeysAfterChange;
}

/** Added to the input of operations by the orchestration. */
interface Timed {
  /** The time of the orchestration (ISO 8601, UTC). */
  readonly now: string;
}

export const freeGateway: Gateway = { holder: null, waiting: [], unsettled: [], fences: {}, keys: {} };

/**
 * The operations of a gateway. Each returns the new state. Repeating an operation changes nothing.
 */
export const gatewayOperations = {
  /**
   * Takes the lease if it is free. Otherwise joins the queue. If the request is already in the
   * queue, only the number of its look changes. A request that is older than the last change of its
   * connection is not added. The holder also takes the remembered keys of its connection.
   */
  acquire(gateway: Gateway, { waiter }: { waiter: Waiter }): Gateway {
    const { holder } = gateway;
    if (holder?.instanceId === waiter.instanceId) return takeKeys({ ...gateway, holder: { ...holder, look: waiter.look } });
    const waiting = removeWaiter(gateway.waiting, waiter.instanceId);
    if (findNewerRequester(gateway.fences, waiter.connectionName, waiter)) return { ...gateway, waiting };
    const granted = grantNext({ ...gateway, waiting: addWaiter(waiting, waiter) });
    return granted.holder?.instanceId === waiter.instanceId ? takeKeys(granted) : granted;
  },

  /** Gives up the lease or the place in the queue. */
  release(gateway: Gateway, { instanceId, unsettled, changedBy, keys, now }: Release & Timed): Gateway {
    const { holder } = gateway;
    if (holder?.instanceId !== instanceId) return { ...gateway, waiting: removeWaiter(gateway.waiting, instanceId) };
    const left: Gateway = {
      ...gateway,
      holder: null,
      unsettled: unsettled ?? gateway.unsettled,
      keys: holder.taken ? keepKeys(gateway.keys, holder.connectionName, holder.taken, keys) : gateway.keys,
    };
    return grantNext(changedBy ? raiseFence(left, holder, changedBy, now) : left);
  },

  /**
   * Takes the lease from a holder whose instance no longer runs. Its connection counts as changed
   * and as unsettled, and the keys that it has taken are forgotten.
   */
  evict(gateway: Gateway, { gone, now }: { gone: string } & Timed): Gateway {
    const { holder } = gateway;
    if (holder?.instanceId !== gone) return { ...gateway, waiting: removeWaiter(gateway.waiting, gone) };
    const unsettled = [...new Set([...gateway.unsettled, holder.connectionName])];
    return grantNext(raiseFence({ ...gateway, holder: null, unsettled }, holder, { requestSource: "", requestId: "" }, now));
  },

  /** Changes nothing. Used to read what is remembered of the keys of a connection. */
  recall: (gateway: Gateway, _: { connectionName: string }): Gateway => gateway,
} as const;

/** The input of an operation, as far as its result depends on it. */
type Asked =
  | { readonly waiter: Waiter }
  | { readonly instanceId: string }
  | { readonly asking: string }
  | { readonly connectionName: string };

/** Returns what an operation returns to the request that called it. */
export function gatewayResultOf(gateway: Gateway, input: Asked, before: Gateway): GatewayView | RememberedKeys {
  if ("connectionName" in input) return recallKeys(gateway.keys, input.connectionName);
  if ("waiter" in input) return viewOf(gateway, before, input.waiter.instanceId, input.waiter);
  return viewOf(gateway, before, "asking" in input ? input.asking : input.instanceId);
}

function viewOf(gateway: Gateway, before: Gateway, asking: string, waiter?: Waiter): GatewayView {
  const { holder, waiting, unsettled, fences, keys } = gateway;
  const isHolder = holder?.instanceId === asking;
  const place = isHolder ? 0 : positionOf(waiting, asking);
  const position = isHolder || place > 0 ? place : null;
  const supersededBy = (position === null && waiter && findNewerRequester(fences, waiter.connectionName, waiter)) || null;
  const superseded = fences === before.fences ? [] : findSuperseded({ ...before, fences }, before.holder?.connectionName ?? "");
  return {
    position,
    holder: holder && { ...wakeableOf(holder), connectionName: holder.connectionName },
    unsettled: isHolder ? unsettled : [],
    remembered: isHolder
      ? { ...recallKeys(keys, holder.connectionName), keys: holder.taken ?? [] }
      : supersededBy && waiter
        ? recallKeys(keys, waiter.connectionName)
        : noKeys,
    supersededBy,
    superseded: superseded.map(wakeableOf),
  };
}

function wakeableOf({ instanceId, look }: Waiter): Wakeable {
  return { instanceId, event: grantEventOf(look) };
}

/** Moves the remembered keys of the holder's connection to the holder, once. */
function takeKeys(gateway: Gateway): Gateway {
  const { holder, keys } = gateway;
  if (!holder || holder.taken) return gateway;
  const taken = recallKeys(keys, holder.connectionName).keys;
  return { ...gateway, holder: { ...holder, taken }, keys: taken.length > 0 ? forgetKeys(keys, holder.connectionName) : keys };
}

/** Adds a fence for the holder's connection and removes older requests for it from the queue. */
function raiseFence(gateway: Gateway, holder: Waiter, requester: Requester, now: string): Gateway {
  const fences = addFence(gateway.fences, holder.connectionName, holder, requester, now);
  const superseded = new Set(findSuperseded({ ...gateway, fences }, holder.connectionName).map(rowOf));
  return { ...gateway, fences, waiting: gateway.waiting.filter((row) => !superseded.has(row)) };
}

function findSuperseded({ waiting, fences }: Gateway, connectionName: string): readonly Waiter[] {
  return waitersFor(waiting, connectionName).filter((waiter) => findNewerRequester(fences, connectionName, waiter));
}

/** Makes the first waiting request the holder if there is no holder. */
function grantNext(gateway: Gateway): Gateway {
  const [next, ...waiting] = gateway.waiting;
  return gateway.holder || next === undefined ? gateway : { ...gateway, holder: waiterOf(next), waiting };
}
