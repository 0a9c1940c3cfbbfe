import { isSameConnection } from "../../shared/arm/comparison.ts";
import { connectionStateOf } from "../../shared/arm/connection-state.ts";
import type { VpnConnection } from "../../shared/contract/connection.ts";
import { problem } from "../../shared/contract/problem.ts";
import type { Verification } from "../../shared/durable/activities.ts";
import type { WriteStep } from "../../shared/log/steps.ts";
import { gatewayId, type Target } from "../../shared/resource-id.ts";
import type { KeyFilter } from "../../shared/secrets/key-filter.ts";
import type { FoundConnection, ReadConnection } from "./azure-calls.ts";

/** The change to verify. */
export interface Change {
  readonly target: Target;
  /** If set, the connection must be equal to it. */
  readonly desired?: VpnConnection;
  /** The number of this read of the change, from 1. */
  readonly attempt: number;
}

/** What the read is made with. */
interface Reader {
  /** As in `Call`. It differs for each activity, because each counts its tries from 1. */
  readonly about: string;
  readonly readConnection: ReadConnection;
  readonly filter: KeyFilter;
  readonly log: WriteStep;
}

/**
 * Returns the seconds until the next read if there is no Retry-After. It is 10 at first and then
 * about a tenth of the time waited so far, as for polls. So hours of waiting cost few reads.
 */
const secondsToNextLook = (attempt: number) => Math.round(Math.min(10 * 1.1 ** (attempt - 1), 900));

/**
 * Reads the connection after its change, and judges it. Returns the resource without its keys, a
 * problem, or when to read again.
 */
export async function verifyChange(change: Change, { about, readConnection, filter, log }: Reader): Promise<Verification> {
  const found = await readConnection("verify", "read the connection back", about);
  return "ok" in found ? judgeConnection(change, found.ok, filter, log) : found;
}

/**
 * Judges a connection that was read after its change. It and every link connection must be
 * Succeeded, because Azure may report an operation as done too early.
 */
export function judgeConnection(
  { target, desired, attempt }: Change,
  { resource, retryAfterSeconds }: FoundConnection,
  filter: KeyFilter,
  log: WriteStep,
): Verification {
  if (!resource) {
    const because = problem("ResourceVanished", "The connection disappeared from Azure after the change.");
    return { later: { class: "missing", problem: because } };
  }
  const state = connectionStateOf(resource);
  if (state === "InProgress") {
    const because = problem("ProvisioningFailed", "Azure reported the operation as finished, but the connection is still changing.");
    return { later: { class: "busy", afterSeconds: retryAfterSeconds ?? secondsToNextLook(attempt), problem: because } };
  }
  if (state !== "Succeeded") {
    const text = "Azure reported the operation as finished, but the connection or one of its links is in a failed state.";
    return { problem: problem("ProvisioningFailed", text) };
  }
  if (desired && !isSameConnection(desired, resource)) {
    const text = "Another change replaced this one in Azure, and the connection is not as requested. Send the request again.";
    return { problem: problem("OperationCanceled", text) };
  }
  log("verified", { gatewayId: gatewayId(target) });
  return { ok: filter.resource(resource) };
}
