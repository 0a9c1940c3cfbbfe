import type { ResourceManager } from "../../azure/resource-manager.ts";
import { checksOf, type Reading, type Resource } from "../../shared/arm/preflight.ts";
import { armErrorOf, bodyOf } from "../../shared/arm/response.ts";
import { atMost, type Finding, MAX_FINDINGS } from "../../shared/contract/finding.ts";
import type { ValidRequest } from "../../shared/contract/validate.ts";
import type { Attempt } from "../../shared/durable/settled.ts";
import type { KeyFilter } from "../../shared/secrets/key-filter.ts";
import { callAzure, isResponse } from "./azure-calls.ts";

/** Whether what Azure lacks stops a request, is told only, or is not looked for. */
export type PreflightMode = "enforce" | "warn" | "off";

/** What these codes say is not there; any other 404 comes from an endpoint that does not know the type. */
const missingCodes = ["ResourceNotFound", "NotFound", "ResourceGroupNotFound", "ParentResourceNotFound", "SubscriptionNotFound"];

/** So many reads of one request run at once. Resource Manager gives an identity 25 reads a second (https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/request-limits-and-throttling). */
const READS_AT_ONCE = 8;

/** Reads everything that a request names in Azure, and says what is missing; what cannot be read is a warning, because the PUT will tell. */
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
  const found = atMost(findingsOf(new Map(readings)), MAX_FINDINGS);
  // If nothing at all is found, the endpoint or the identity probably shows none of it.
  const blind = readings.every(([, reading]) => typeof reading === "string");
  const findings = mode === "enforce" && !blind ? found : found.map((finding): Finding => ({ ...finding, severity: "warning" }));
  return { findings, attempts: attempts.filter(({ status }) => status !== 200) };
}

/** Does the same work for each item, for some of them at once. Returns the results in the order of the items. */
async function mapInPool<Item, Result>(items: readonly Item[], atOnce: number, work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  const worker = async () => {
    // The workers share one iterator, so each takes the next item that nobody has.
    for (const [index, item] of left) results[index] = await work(item);
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
