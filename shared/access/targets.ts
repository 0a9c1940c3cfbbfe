import * as z from "zod";
import { type Problem, problem } from "../contract/problem.ts";
import { gatewayId, type Target } from "../resource-id.ts";
import { sourcePrefixSchema } from "./request-queues.ts";
import { longestPrefixOf } from "./sources.ts";

/**
 * What each source may change: source prefix → ids of subscriptions, resource groups and gateways.
 */
export type AllowedTargets = ReadonlyMap<string, readonly string[]>;

const allowedId = z
  .string()
  .regex(/^\/subscriptions\/[^/\s]+(?:\/resourceGroups\/[^/\s]+(?:\/providers\/Microsoft\.Network\/vpnGateways\/[^/\s]+)?)?$/i, {
    error: "Expected Resource Manager ids of subscriptions, resource groups or VPN gateways, without a slash at the end",
  });

/** The setting ALLOWED_TARGETS after it was parsed as JSON. */
export const allowedTargetsSchema = z
  .record(sourcePrefixSchema, z.array(allowedId))
  .transform((targets): AllowedTargets => new Map(Object.entries(targets)));

/**
 * Returns why a source may not change the gateway of a target, or nothing if it may. Without the
 * setting every source may change every gateway.
 */
export function targetRefusal(source: string, target: Target, allowed: AllowedTargets | null): Problem | undefined {
  if (allowed === null) return undefined;
  const prefix = longestPrefixOf(source, allowed.keys());
  const gateway = gatewayId(target);
  if (prefix !== undefined && allowed.get(prefix)?.some((id) => contains(id, gateway))) return undefined;
  const { gatewayName, resourceGroupName, subscriptionId } = target;
  const where = `resource group ${resourceGroupName} of subscription ${subscriptionId}`;
  const message = `The source "${source}" may not change gateway ${gatewayName} in ${where}. Change target, or ask the operator to allow it.`;
  return problem("TargetNotAllowed", message, { target: "/target" });
}

/** Returns whether one id is the other or above it, segment by segment. */
function contains(above: string, id: string): boolean {
  const segments = id.split("/");
  return above.split("/").every((segment, index) => isSameName(segment, segments[index] ?? ""));
}

/**
 * Compares names as Azure does, without case. Letters that are equal in only one of the cases are
 * different letters, such as `k` and the Kelvin sign.
 */
function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase() && one.toUpperCase() === other.toUpperCase();
}
