import type { ResourceManager } from "../../azure/resource-manager.ts";
import { checkedPartOf, checksOf, type Reading } from "../../shared/arm/preflight.ts";
import { armErrorOf, bodyOf } from "../../shared/arm/response.ts";
import { type Finding, limitFindings, MAX_FINDINGS } from "../../shared/contract/finding.ts";
import type { ValidRequest } from "../../shared/contract/validate.ts";
import type { Attempt } from "../../shared/durable/settled.ts";
import type { KeyFilter } from "../../shared/secrets/key-filter.ts";
import { type Call, callAzure, isResponse } from "./azure-calls.ts";
import type { KnownRead, Read, RememberedReads } from "./remembered-reads.ts";

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

/** What reading Azure needs: its API, the memory of reads, and what to do with findings. */
interface Preflight {
  readonly resourceManager: ResourceManager;
  readonly reads: RememberedReads;
  readonly mode: PreflightMode;
}

/**
 * Reads every Azure resource that a request references. Returns a finding for each one that is
 * missing. A resource that cannot be read is only a warning, because the PUT will show whether it
 * exists.
 */
export async function runPreflight(
  request: ValidRequest,
  { instanceId, attempt, filter }: { readonly instanceId: string; readonly attempt: number; readonly filter: KeyFilter },
  { resourceManager, reads, mode }: Preflight,
): Promise<{ findings: readonly Finding[]; attempts: readonly Attempt[] }> {
  if (mode === "off") return { findings: [], attempts: [] };
  const { ids, findingsOf } = checksOf(request);
  const known = new Map<string, KnownRead>();
  const judge = () => findingsOf(new Map([...known].map(([id, { reading }]) => [id, reading])));
  const { attempts = [] } = await callAzure(
    { instanceId, attempt, target: request.target },
    { resourceManager, filter },
    async ({ call }) => {
      const begunBefore = reads.countBegun();
      const readAll = (some: readonly string[], after: number) =>
        runInPool(some, READS_AT_ONCE, async (id) => {
          known.set(id.toLowerCase(), await reads.read(id, () => readNow(id, resourceManager, call), after));
        });
      await readAll(ids, 0);
      // What was read before this request never refuses it. "Nothing was found" depends on all
      // readings, so all are made again.
      const fromMemory = ids.filter((id) => known.get(id.toLowerCase())?.ageSeconds !== undefined);
      if (judge().some(({ finding }) => finding.severity === "error")) await readAll(fromMemory, begunBefore);
      return { ok: true };
    },
  );
  const judged = judge();
  const found = limitFindings(
    judged.map(({ finding }) => finding),
    MAX_FINDINGS,
  );
  // If no resource at all is found, the identity probably cannot see them, so nothing is an error.
  const isNothingFound = [...known.values()].every(({ reading }) => typeof reading === "string");
  const findings = mode === "enforce" && !isNothingFound ? found : found.map((finding): Finding => ({ ...finding, severity: "warning" }));
  const listed = new Set(found);
  const about = new Set(judged.filter(({ finding }) => listed.has(finding)).map(({ resourceId }) => resourceId.toLowerCase()));
  const remembered = ids.filter((id) => about.has(id.toLowerCase())).flatMap((id) => rememberedOf(id, known.get(id.toLowerCase())));
  return { findings, attempts: [...attempts.filter(({ status }) => status !== 200), ...remembered] };
}

async function readNow(id: string, resourceManager: ResourceManager, call: Call): Promise<Read> {
  let clientRequestId = "";
  const outcome = await call(
    "check",
    (callIds) => {
      clientRequestId = callIds.clientRequestId;
      return resourceManager.getResource(id, callIds);
    },
    id,
  );
  return { reading: readingOf(outcome), clientRequestId };
}

/** Returns the entry of the ledger for a resource, if an earlier read of it was used. */
function rememberedOf(resourceId: string, read: KnownRead | undefined): Attempt[] {
  if (read?.ageSeconds === undefined) return [];
  const { clientRequestId, ageSeconds } = read;
  return [{ action: "check", clientRequestId, status: 200, code: null, retryAfterSeconds: null, remembered: { resourceId, ageSeconds } }];
}

/** Calls `work` for each item, for `atOnce` items at the same time. */
async function runInPool<Item>(items: readonly Item[], atOnce: number, work: (item: Item) => Promise<void>): Promise<void> {
  const remaining = items.values();
  const worker = async () => {
    // The workers share one iterator, so no item is done twice.
    for (const item of remaining) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function readingOf(outcome: unknown): Reading {
  if (!isResponse(outcome)) return "unread";
  if (outcome.status === 200) {
    const resource = bodyOf(outcome);
    return typeof resource === "object" && resource !== null ? checkedPartOf(resource) : "unread";
  }
  if (outcome.status !== 404) return "unread";
  return missingCodes.includes(armErrorOf(outcome).code ?? "") ? "missing" : "unread";
}
