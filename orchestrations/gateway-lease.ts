import { problem } from "../shared/contract/problem.ts";
import type { ConnectionInput, InspectedInstance } from "../shared/durable/activities.ts";
import { gatewayEntityKey } from "../shared/durable/entity-keys.ts";
import type { Requester } from "../shared/durable/fence.ts";
import type { LeaseView } from "../shared/durable/lease.ts";
import type { ProvisioningRequest } from "../shared/durable/request.ts";
import { type Durable, now } from "./durable.ts";
import { callLease } from "./entities.ts";
import type { Instance } from "./instance.ts";
import { jitterOf } from "./jitter.ts";
import { ProvisioningError } from "./provisioning-error.ts";
import { waitUntil } from "./wait-until.ts";

const FIRST_LOOK_SECONDS = 30;
const LONGEST_LOOK_SECONDS = 300;
/** After a long wait looks are this far apart at most: a lost word then costs more time, and a week in the queue a history of bounded length. */
const LONGEST_LATE_LOOK_SECONDS = 1_800;
const UNSETTLED_LOOK_SECONDS = 10;
const SECOND_LOOK_SECONDS = 5;

/** The right to change one gateway, as one request sees it. */
export interface GatewayLease {
  /**
   * Waits for it: first come, first served. Returns nothing once the lease is the request's own, or
   * who sent the newer request that has changed the connection: then nothing may be written any
   * more. Throws ProvisioningError when the request is cancelled or its deadline for waiting passes.
   */
  acquire(connection: ConnectionInput): Durable<Requester | undefined>;
  /**
   * Gives it up, or the place in the queue, and wakes the next one. Returns whether nothing is held any more: if the entity failed, it can be tried
   * again, and an instance that has ended loses its lease anyway.
   */
  release(): Durable<boolean>;
}

/** Opens one request's look at the lease of its gateway. An entity keeps the queue, in the order in which the requests came. */
export function openGatewayLease(
  { context, steps, retries, azure, record, noteLease }: Instance,
  { instanceId: asking, queue, receivedAt: enqueuedAt, sequenceNumber, requestSource, requestId }: ProvisioningRequest,
): GatewayLease {
  const { inspectInstance, wakeInstances, readConnectionState } = steps;
  let key: string | undefined;
  let held = false;

  /** One look may be wrong, as while the store comes back: an instance is gone if it is not there some seconds later either. */
  function* inspectTwice(instanceId: string, event: string | null): Durable<InspectedInstance> {
    const first = yield* inspectInstance({ instanceId, event });
    if (first.alive) return first;
    yield* waitUntil(context, retries, now(context) + SECOND_LOOK_SECONDS * 1000);
    return yield* inspectInstance({ instanceId, event });
  }

  /**
   * Wakes the holder, and puts the next one in its place as long as it turns out to be gone. Wakes
   * everybody who left the queue for a newer request, too.
   */
  function* wakeOthers(view: LeaseView, gateway: string): Durable<void> {
    for (let { holder, superseded } = view; ; ) {
      if (superseded.length > 0) yield* wakeInstances({ instances: superseded });
      if (!holder || holder.instanceId === asking) return;
      const { alive } = yield* inspectTwice(holder.instanceId, holder.event);
      if (alive) return;
      ({ holder, superseded } = yield* callLease(context, gateway, "evict", { gone: holder.instanceId, asking }));
    }
  }

  /** What an evicted holder was changing may still be changing: nothing is written before it has settled. */
  function* waitUntilSettled({ instanceId, target, sealed }: ConnectionInput): Durable<void> {
    const since = now(context);
    for (const connectionName of [...azure.unsettled]) {
      for (;;) {
        const { settled, retryAfterSeconds } = yield* readConnectionState({ instanceId, target: { ...target, connectionName }, sealed });
        if (settled) break;
        record.show("settling", { connection: connectionName });
        // A tenth of the time waited so far, where that is longer, bounds the history.
        const own = Math.min((now(context) - since) / 10_000, LONGEST_LOOK_SECONDS);
        yield* waitInQueue(now(context) + Math.max(retryAfterSeconds || UNSETTLED_LOOK_SECONDS, own) * 1000);
      }
      azure.noteSettled(connectionName);
    }
  }

  function* waitInQueue(until: number, event?: string): Durable<boolean> {
    const heard = yield* waitUntil(context, retries, Math.min(until, retries.deadlineAt), event);
    if (heard || now(context) < retries.deadlineAt) return heard;
    throw new ProvisioningError(
      problem("QueueDeadlineExceeded", "The request waited for its gateway for as long as it may; nothing was changed in Azure."),
    );
  }

  return {
    *acquire(connection) {
      key = gatewayEntityKey(connection.target);
      const since = now(context);
      let suspendedHolder: string | null = null;
      for (let look = 1; !held; look++) {
        const event = `leaseGranted.${look}`;
        // Nothing else of the request: the lease keeps what it is given.
        const { connectionName } = connection.target;
        const waiter = { instanceId: asking, queue, enqueuedAt, sequenceNumber, connectionName, event };
        const { position, holder, unsettled, supersededBy } = yield* callLease(context, key, "join", { waiter, asking });
        if (supersededBy) {
          // Not in the queue any more, so there is nothing to give back.
          key = undefined;
          return supersededBy;
        }
        held = position === 0;
        azure.noteUnsettled(held ? unsettled : []);
        if (held || !holder) continue;
        if (suspendedHolder !== holder.instanceId) suspendedHolder = null;
        record.show("waiting", { position: position ?? 0, ...(suspendedHolder === null ? {} : { suspendedHolder }) });
        const seconds = secondsToNextLook(look, (now(context) - since) / 1000, `${asking}/lease/${look}`);
        if (yield* waitInQueue(now(context) + seconds * 1000, event)) continue;
        // No word for so long: the holder may have been terminated, or the word was lost.
        try {
          const { alive, suspended }: InspectedInstance = yield* inspectTwice(holder.instanceId, null);
          suspendedHolder = suspended ? holder.instanceId : null;
          if (!alive) yield* wakeOthers(yield* callLease(context, key, "evict", { gone: holder.instanceId, asking }), key);
        } catch (error) {
          // A store that cannot say it now is asked at the next look: the request has lost nothing.
          if (error instanceof ProvisioningError) throw error;
        }
      }
      yield* waitUntilSettled(connection);
      noteLease();
      return undefined;
    },

    *release() {
      if (key === undefined) return true;
      // The lease may be ours without our knowing: what a former holder left unsettled is still so then, and whoever is next has to be woken.
      const unsettled = held ? azure.unsettled : null;
      const changedBy = azure.mayHaveChanged ? { requestSource, requestId } : null;
      let view: LeaseView;
      try {
        view = yield* callLease(context, key, "release", { waiter: { instanceId: asking }, unsettled, changedBy, asking });
      } catch {
        return false;
      }
      try {
        yield* wakeOthers(view, key);
      } catch {
        // Whoever is next looks again by itself; an answer must not be lost over this.
      }
      key = undefined;
      return true;
    },
  };
}

/** Seconds until a request that waits looks at the lease again: 30, doubled up to 5 min, then a thirtieth of the time waited so far, 30 min at most. */
function secondsToNextLook(look: number, waitedSeconds: number, seed: string): number {
  const own = Math.max(Math.min(FIRST_LOOK_SECONDS * 2 ** (look - 1), LONGEST_LOOK_SECONDS), waitedSeconds / 30);
  return Math.min(own * (0.8 + 0.4 * jitterOf(seed)), LONGEST_LATE_LOOK_SECONDS);
}
