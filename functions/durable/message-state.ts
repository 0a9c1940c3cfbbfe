import { EntityId } from "durable-functions";
import type { Completion } from "../../shared/contract/completion.ts";
import { type Claim, comparePayloads } from "../../shared/durable/claim.ts";
import { entities } from "../../shared/durable/names.ts";
import type { DurableClient } from "./durable-client.ts";
import { readInstanceStatus } from "./instance-status.ts";

/** What identifies a message in the store: its claim, its payload and its instance. */
export interface Identity {
  readonly claimId: string;
  readonly instanceId: string;
  readonly fingerprints: readonly string[];
}

/**
 * The state of a message in the store.
 * - `new`: there is no claim and no instance.
 * - `unclaimed`: an instance with that id exists, but its payload is not known yet.
 * - `other`: the claim holds another payload.
 * - `incomparable`: only instances of the app that have another sealing key can tell whether the
 *   claim holds this payload.
 * - `lost`: the claim holds this payload and no completion, and there is no instance.
 * - `started`: the claim holds this payload, and there is an instance. If the instance ended
 *   without a completion, the sweep publishes one.
 * - `completed`: the claim holds this payload and its completion.
 */
export type MessageState =
  | { readonly is: "new" | "unclaimed" | "other" | "incomparable" | "lost" | "started" }
  | { readonly is: "completed"; readonly completion: Completion };

/**
 * Reads the state of a message. The claim decides, not the input in the instance's status: if two
 * starts happen at the same time, the store accepts both and runs one. For a while the status may
 * show the input of the start that does not run.
 */
export async function readMessageState(client: DurableClient, { claimId, instanceId, fingerprints }: Identity): Promise<MessageState> {
  const claim = await claimOf(client, claimId);
  const isSame = claim && comparePayloads(claim.fingerprints, fingerprints);
  if (claim && !isSame) return { is: isSame === false ? "other" : "incomparable" };
  if (claim?.completion) return { is: "completed", completion: claim.completion };
  const exists = (await readInstanceStatus(client, instanceId, false)) !== undefined;
  if (claim) return { is: exists ? "started" : "lost" };
  return { is: exists ? "unclaimed" : "new" };
}

/**
 * Reads the state of a message right after its instance was started. The instance's status is not
 * read: if the claim is open, an instance has opened it.
 */
export async function readStateAfterStart(client: DurableClient, { claimId, fingerprints }: Identity): Promise<MessageState> {
  const claim = await claimOf(client, claimId);
  if (!claim) return { is: "unclaimed" };
  const isSame = comparePayloads(claim.fingerprints, fingerprints);
  if (isSame === undefined) return { is: "incomparable" };
  return { is: isSame ? "started" : "other" };
}

/**
 * Returns the claim if it is open. A cancellation that came first creates a claim but does not open
 * it.
 */
async function claimOf(client: DurableClient, claimId: string): Promise<Claim | undefined> {
  const { entityExists, entityState } = await client.readEntityState<Claim>(new EntityId(entities.request, claimId));
  return entityExists && entityState && entityState.fingerprints.length > 0 ? entityState : undefined;
}
