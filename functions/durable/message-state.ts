import { EntityId } from "durable-functions";
import type { Completion } from "../../shared/contract/completion.ts";
import { type Claim, samePayload } from "../../shared/durable/claim.ts";
import { entities } from "../../shared/durable/names.ts";
import type { DurableClient } from "./durable-client.ts";
import { readInstanceStatus } from "./instance-status.ts";

/** A message as the store knows it: by the claim of its answer, its payload, and the instance that is to carry it out. */
export interface Identity {
  readonly claimId: string;
  readonly instanceId: string;
  readonly fingerprints: readonly string[];
}

/**
 * How a message stands in the store.
 * - `new`: no claim, no instance.
 * - `unclaimed`: an instance of that id exists, but nobody knows yet which payload it has.
 * - `other`: the claim holds another payload.
 * - `lost`: the claim holds this payload, without an answer, and no instance is there to give one.
 * - `begun`: the claim holds this payload, and an instance gives or gave the answer; if it ended
 *   without one, the sweep answers.
 * - `answered`: the claim holds this payload and its answer.
 */
export type MessageState =
  | { readonly is: "new" | "unclaimed" | "other" | "lost" | "begun" }
  | { readonly is: "answered"; readonly completion: Completion };

/**
 * Looks up how a message stands. The claim decides, never the input that a status shows: of two
 * starts at once both are accepted, one runs, and the status may show the other one for a while.
 */
export async function readMessageState(client: DurableClient, { claimId, instanceId, fingerprints }: Identity): Promise<MessageState> {
  const claim = await claimOf(client, claimId);
  if (claim && !samePayload(claim.fingerprints, fingerprints)) return { is: "other" };
  if (claim?.completion) return { is: "answered", completion: claim.completion };
  const exists = (await readInstanceStatus(client, instanceId, false)) !== undefined;
  if (claim) return { is: exists ? "begun" : "lost" };
  return { is: exists ? "unclaimed" : "new" };
}

/**
 * Looks up how a message stands whose instance was just started. An open claim of its payload is
 * enough: an instance has opened it.
 */
export async function readStateAfterStart(client: DurableClient, { claimId, fingerprints }: Identity): Promise<MessageState> {
  const claim = await claimOf(client, claimId);
  if (!claim) return { is: "unclaimed" };
  return { is: samePayload(claim.fingerprints, fingerprints) ? "begun" : "other" };
}

/** Returns the claim if a payload has opened it. One that only a cancellation knows counts as none. */
async function claimOf(client: DurableClient, claimId: string): Promise<Claim | undefined> {
  const { entityExists, entityState } = await client.readEntityState<Claim>(new EntityId(entities.claim, claimId));
  return entityExists && entityState && entityState.fingerprints.length > 0 ? entityState : undefined;
}
