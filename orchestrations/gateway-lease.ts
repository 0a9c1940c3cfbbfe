import { problem } from "../shared/contract/problem.ts";
import { connectionNameOf } from "../shared/contract/request-names.ts";
import type { ConnectionInput, InspectedInstance } from "../shared/durable/activities.ts";
import { noKeys, type RememberedKeys } from "../shared/durable/connection-keys.ts";
import { gatewayEntityKey } from "../shared/durable/entity-keys.ts";
import type { Requester } from "../shared/durable/fence.ts";
import type { GatewayView } from "../shared/durable/gateway.ts";
import type { ProvisioningRequest } from "../shared/durable/request.ts";
import { grantEventOf } from "../shared/durable/waiting.ts";
import { type Durable, now } from "./durable.ts";
import { callGateway } from "./entities.ts";
import type { Instance } from "./instance.ts";
import { jitterOf } from "./jitter.ts";
import { ProvisioningError } from "./provisioning-error.ts";
import { waitUntil } from "./wait-until.ts";

const FIRST_LOOK_SECONDS = 30;
const LONGEST_LOOK_SECONDS = 300;
/**
 * The longest time between two looks after a long wait. It bounds the history of a request that
 * waits for a week. If an event is lost, the request waits that much longer.
 */
const LONGEST_LATE_LOOK_SECONDS = 1_800;
const UNSETTLED_LOOK_SECONDS = 10;
const SECOND_LOOK_SECONDS = 5;

/** The result of waiting for a gateway. */
export interface Granted {
  readonly remembered: RememberedKeys;
  /**
   * Set if a newer request has changed the connection: then the request does not have the lease,
   * and nothing may be written.
   */
  readonly newer?: Requester;
}

/** The lease of one gateway, for one request. */
export interface GatewayLease {
  /**
   * Waits until the request holds the lease. Requests get it in the order of their arrival. Returns
   * what is remembered of the connection's keys. The entity has forgotten the keys then, because a
   * PUT may change them. Throws ProvisioningError if the request is cancelled, or if the deadline
   * for waiting passes.
   */
  acquire(connection: ConnectionInput): Durable<Granted>;
  /**
   * Gives up the lease, or the place in the queue, says what became of the keys, and wakes the next
   * request. Returns false if the entity failed. Then it can be called again. If it is not, the
   * lease is taken away after the instance has ended.
   */
  release(): Durable<boolean>;
}

/**
 * Returns the lease of a request's gateway; the request does not wait for it yet. An entity keeps
 * the queue, in the order in which the requests arrived.
 */
export function openGatewayLease(
  { context, steps, retries, azure, record, noteLease }: Instance,
  { instanceId: asking, queue, receivedAt: enqueuedAt, sequenceNumber, requestSource, requestId }: ProvisioningRequest,
): GatewayLease {
  const { inspectInstance, wakeInstances, readConnectionState } = steps;
  let key: string | undefined;
  let isHeld = false;

  /**
   * Reads whether an instance is alive. A single read can be wrong while the store recovers, so an
   * instance counts as gone only if a second read, some seconds later, does not find it either.
   */
  function* inspectTwice(instanceId: string, event: string | null): Durable<InspectedInstance> {
    const first = yield* inspectInstance({ instanceId, event });
    if (first.alive) return first;
    yield* waitUntil(context, retries, now(context) + SECOND_LOOK_SECONDS * 1000);
    return yield* inspectInstance({ instanceId, event });
  }

  /**
   * Wakes the holder of the lease. If its instance is gone, gives the lease to the next request and
   * wakes that one. Also wakes the requests that have left the queue because they are superseded.
   */
  function* wakeOthers(view: GatewayView, gateway: string): Durable<void> {
    for (let { holder, superseded } = view; ; ) {
      if (superseded.length > 0) yield* wakeInstances({ instances: superseded });
      if (!holder || holder.instanceId === asking) return;
      const { alive } = yield* inspectTwice(holder.instanceId, holder.event);
      if (alive) return;
      ({ holder, superseded } = yield* callGateway(context, gateway, "evict", { gone: holder.instanceId, asking }));
    }
  }

  /**
   * Waits until no unsettled connection is changing any more. An earlier holder of the lease may
   * have left them, and nothing may be written before.
   */
  function* waitUntilSettled(connection: ConnectionInput): Durable<void> {
    const since = now(context);
    for (const connectionName of [...azure.unsettled]) {
      for (;;) {
        const { settled, retryAfterSeconds } = yield* readConnectionState({
          ...connection,
          target: { ...connection.target, connectionName },
        });
        if (settled) break;
        record.show("settling", { connection: connectionName });
        // The wait grows to a tenth of the time waited so far, so that the history stays bounded.
        const own = Math.min((now(context) - since) / 10_000, LONGEST_LOOK_SECONDS);
        yield* waitInQueue(now(context) + Math.max(retryAfterSeconds || UNSETTLED_LOOK_SECONDS, own) * 1000);
      }
      azure.noteSettled(connectionName);
    }
  }

  function* waitInQueue(until: number, event?: string): Durable<boolean> {
    const heard = yield* waitUntil(context, retries, Math.min(until, retries.deadlineAt), event, cancelledInQueue);
    if (heard || now(context) < retries.deadlineAt) return heard;
    throw new ProvisioningError(
      problem("QueueDeadlineExceeded", "The request waited for its gateway until its queue deadline passed. Nothing was changed in Azure."),
    );
  }

  return {
    *acquire(connection) {
      key = gatewayEntityKey(connection.target);
      const names = { requestId, connection: connectionNameOf(connection.target), ticketId: connection.ticketId };
      const since = now(context);
      let suspendedHolder: string | null = null;
      let known = noKeys;
      for (let look = 1; !isHeld; look++) {
        // The entity stores the waiter, so it contains nothing else of the request.
        const { connectionName } = connection.target;
        const waiter = { instanceId: asking, queue, enqueuedAt, sequenceNumber, connectionName, look };
        const { position, holder, unsettled, remembered, supersededBy } = yield* callGateway(context, key, "acquire", { waiter, names });
        if (supersededBy) {
          // The request has no place in the queue, so there is nothing to release.
          key = undefined;
          return { remembered, newer: supersededBy };
        }
        isHeld = position === 0;
        azure.noteUnsettled(unsettled);
        known = remembered;
        if (isHeld || !holder) continue;
        if (suspendedHolder !== holder.instanceId) suspendedHolder = null;
        record.show("waiting", { position: position ?? 0, ...(suspendedHolder === null ? {} : { suspendedHolder }) });
        const seconds = secondsToNextLook(look, (now(context) - since) / 1000, `${asking}/lease/${look}`);
        if (yield* waitInQueue(now(context) + seconds * 1000, grantEventOf(look))) continue;
        // No event has come: the holder may have been terminated, or the event was lost.
        try {
          const { alive, suspended }: InspectedInstance = yield* inspectTwice(holder.instanceId, null);
          suspendedHolder = suspended ? holder.instanceId : null;
          if (!alive) yield* wakeOthers(yield* callGateway(context, key, "evict", { gone: holder.instanceId, asking }), key);
        } catch (error) {
          // If the store is not available, the next look tries again.
          if (error instanceof ProvisioningError) throw error;
        }
      }
      yield* waitUntilSettled(connection);
      noteLease();
      return { remembered: known };
    },

    *release() {
      if (key === undefined) return true;
      // The request may hold the lease without knowing it. Then the connections that an earlier
      // holder left unsettled stay unsettled (null).
      const unsettled = isHeld ? azure.unsettled : null;
      const changedBy = azure.mayHaveChanged ? { requestSource, requestId } : null;
      let view: GatewayView;
      try {
        view = yield* callGateway(context, key, "release", { instanceId: asking, unsettled, changedBy, keys: azure.keys });
      } catch {
        return false;
      }
      try {
        yield* wakeOthers(view, key);
      } catch {
        // The next request looks at the lease again later. This error must not prevent the
        // completion.
      }
      key = undefined;
      return true;
    },
  };
}

const cancelledInQueue = "The request was cancelled while it waited for its gateway.";

/**
 * Returns the seconds until a waiting request looks at the lease again: 30, doubled up to 5 min,
 * then a thirtieth of the time waited so far, 30 min at most. The jitter is 20 % up or down.
 */
function secondsToNextLook(look: number, waitedSeconds: number, seed: string): number {
  const own = Math.max(Math.min(FIRST_LOOK_SECONDS * 2 ** (look - 1), LONGEST_LOOK_SECONDS), waitedSeconds / 30);
  return Math.min(own * (0.8 + 0.4 * jitterOf(seed)), LONGEST_LATE_LOOK_SECONDS);
}
