import * as z from "zod";
import { type Problem, problem } from "../contract/problem.ts";
import { gatewayId, type Target } from "../resource-id.ts";
import { sourcePrefixSchema } from "./request-queues.ts";
import { longestPrefixOf } from "./sources.ts";

/**
 * The resources that sources may change: source prefix → ids of subscriptions, resource groups and
 * gateways.
 */
export type AllowedTargets = ReadonlyMap<string, readonly string[]>;

const allowedId = z
  .string()
  .regex(/^\/subscriptions\/[^/\s]+(?:\/resourceGroups\/[^/\s]+(?:\/providers\/Microsoft\.Network\/vpnGateways\/[^/\s]+)?)?$/i, {
    error: "Expected Resource Manager ids of subscriptions, resource groups or VPN gateways, without a slash at the end",
  });

/** Reads the setting ALLOWED_TARGETS, parsed as JSON. */
export const allowedTargetsSchema = z
  .record(sourcePrefixSchema, z.array(allowedId))
  .transform((targets): AllowedTargets => new Map(Object.entries(targets)));

/**
 * Returns a problem if a source may not change the gateway of a target, or undefined if it may. If
 * `allowed` is null, every source may change every gateway.
 */
export function findTargetProblem(source: string, target: Target, allowed: AllowedTargets | null): Problem | undefined {
  if (allowed === null) return undefined;
  const prefix = longestPrefixOf(source, allowed.keys());
  const gateway = gatewayId(target);
  if (prefix !== undefined && allowed.get(prefix)?.some((id) => contains(id, gateway))) return undefined;
  const { gatewayName, resourceGroupName, subscriptionId } = target;
  const where = `resource group ${resourceGroupName} of subscription ${subscriptionId}`;
  const message = `The source "${source}" may not change gateway ${gatewayName} in ${where}. Change target, or ask the operator to allow it.`;
  return problem("TargetNotAllowed", message, { target: "/target" });
}

/** Returns true if the first id is equal to the second one, or a parent of it. */
function contains(above: string, id: string): boolean {
  const segments = id.split("/");
  return above.split("/").every((segment, index) => isSameName(segment, segments[index] ?? ""));
}

/**
 * Compares names without case, as Azure does. Two letters must be equal in lower case and in upper
 * case: the Kelvin sign becomes `k` in lower case but is another letter.
 */
function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase() && one.toUpperCase() === other.toUpperCase();
}
