import type { ResourceManager } from "../../azure/resource-manager.ts";
import { checksOf, type Reading, type Resource } from "../../shared/arm/preflight.ts";
import { armErrorOf, bodyOf } from "../../shared/arm/response.ts";
import { type Finding, limitFindings, MAX_FINDINGS } from "../../shared/contract/finding.ts";
import type { ValidRequest } from "../../shared/contract/validate.ts";
import type { Attempt } from "../../shared/durable/settled.ts";
import type { KeyFilter } from "../../shared/secrets/key-filter.ts";
import { callAzure, isResponse } from "./azure-calls.ts";

/**
 * What happens if a referenced Azure resource does not exist: `enforce` rejects the request, `warn`
 * adds a warning, `off` skips the check.
 */
export type PreflightMode = "enforce" | "warn" | "off";

/**
 * With these codes a 404 means that the resource does not exist. With another code the endpoint
 * does not know its type.
 */
const missingCodes = ["ResourceNotFound", "NotFound", "ResourceGroupNotFound", "ParentResourceNotFound", "SubscriptionNotFound"];

/**
 * How many reads of one request run at the same time. Resource Manager allows an identity 25 reads
 * a second:
 * https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/request-limits-and-throttling.
 */
const READS_AT_ONCE = 8;

/**
 * Reads every Azure resource that a request references. Returns a finding for each one that is
 * missing. A resource that cannot be read is only a warning, because the PUT will show whether it
 * exists.
 */
export async function runPreflight(
  request: ValidRequest,
  { instanceId, attempt, filter }: { readonly instanceId: string; readonly attempt: number; readonly filter: KeyFilter },
  resourceManager: ResourceManager,
  mode: PreflightMode,
): Promise<{ findings: readonly Finding[]; attempts: readonly Attempt[] }> {
  if (mode === "off") return { findings: [], attempts: [] };
  const { ids, findingsOf } = checksOf(request);
  let readings: readonly (readonly [string, Reading])[] = [];
  const { attempts = [] } = await callAzure(
    { instanceId, attempt, target: request.target },
    { resourceManager, filter },
    async ({ call }) => {
      const read = (id: string) => call("check", (calls) => resourceManager.getResource(id, calls), id);
      readings = await mapInPool(ids, READS_AT_ONCE, async (id) => [id.toLowerCase(), readingOf(await read(id))] as const);
      return { ok: true };
    },
  );
  const found = limitFindings(findingsOf(new Map(readings)), MAX_FINDINGS);
  // If no resource at all is found, the identity probably cannot see them, so nothing is an error.
  const isNothingFound = readings.every(([, reading]) => typeof reading === "string");
  const findings = mode === "enforce" && !isNothingFound ? found : found.map((finding): Finding => ({ ...finding, severity: "warning" }));
  return { findings, attempts: attempts.filter(({ status }) => status !== 200) };
}

/**
 * Calls `work` for each item, for `atOnce` items at the same time. Returns the results in the order
 * of the items.
 */
async function mapInPool<Item, Result>(items: readonly Item[], atOnce: number, work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const entries = items.entries();
  const worker = async () => {
    // The workers share one iterator, so no item is done twice.
    for (const [index, item] of entries) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

function readingOf(outcome: unknown): Reading {
  if (!isResponse(outcome)) return "unread";
  if (outcome.status === 200) return (bodyOf(outcome) as Resource | undefined) ?? "unread";
  if (outcome.status !== 404) return "unread";
  return missingCodes.includes(armErrorOf(outcome).code ?? "") ? "missing" : "unread";
}
