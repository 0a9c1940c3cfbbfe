import type { ResourceManager } from "../shared/azure/resource-manager.ts";
import type { ValidRequest } from "../shared/contract/validate.ts";
import type { Finding } from "../shared/finding.ts";
import type { KeyFilter } from "../shared/key-filter.ts";
import { armErrorOf, bodyOf } from "../shared/operation.ts";
import { checksOf, type Reading, type Resource } from "../shared/preflight.ts";
import type { Attempt } from "../shared/settled.ts";
import { isAnswer, ledgerOf } from "./attempt.ts";

/** Whether what Azure lacks stops a request, is told only, or is not looked for. */
export type PreflightMode = "enforce" | "warn" | "off";

/** What these codes say is not there; any other 404 comes from an endpoint that does not know the type. */
const missingCodes = ["ResourceNotFound", "NotFound", "ResourceGroupNotFound", "ParentResourceNotFound", "SubscriptionNotFound"];

/** Reads, at once, everything that a request names in Azure, and says what is missing; what cannot be read is a warning, because the PUT will tell. */
export async function preflight(
  request: ValidRequest,
  about: { readonly instanceId: string; readonly attempt: number; readonly filter: KeyFilter },
  resourceManager: ResourceManager,
  mode: PreflightMode,
): Promise<{ findings: readonly Finding[]; attempts: readonly Attempt[] }> {
  if (mode === "off") return { findings: [], attempts: [] };
  const { attempts, call } = ledgerOf(about, about.filter);
  const { ids, findingsOf } = checksOf(request);
  const readings = await Promise.all(
    ids.map(
      async (id) => [id.toLowerCase(), readingOf(await call("check", (calls) => resourceManager.getResource(id, calls), id))] as const,
    ),
  );
  const found = findingsOf(new Map(readings));
  // Where nothing at all is found, not everything is missing: the endpoint, or the identity, shows none of it.
  const blind = readings.every(([, reading]) => typeof reading === "string");
  const findings = mode === "enforce" && !blind ? found : found.map((finding): Finding => ({ ...finding, severity: "warning" }));
  return { findings, attempts: attempts.filter(({ status }) => status !== 200) };
}

function readingOf(outcome: unknown): Reading {
  if (!isAnswer(outcome)) return "unread";
  if (outcome.status === 200) return (bodyOf(outcome) as Resource | undefined) ?? "unread";
  if (outcome.status !== 404) return "unread";
  return missingCodes.includes(armErrorOf(outcome).code ?? "") ? "missing" : "unread";
}
