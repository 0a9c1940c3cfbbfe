import { type CancelRequest, cancelDataSchema } from "../shared/contract/cancel.ts";
import type { ProvisioningRequest } from "../shared/contract/request.ts";
import { structureFindings } from "../shared/contract/structure.ts";
import { ticketFindings } from "../shared/contract/ticket.ts";
import { inOrder } from "../shared/finding.ts";
import { problem } from "../shared/problem.ts";
import type { Activity } from "./settle.ts";

/**
 * Judges a cancellation against the contract, every finding at once. Only the source of a request
 * may cancel it.
 */
export const validateCancel: Activity<ProvisioningRequest, CancelRequest> = async ({ instanceId, requestSource, data, ticket }, log) => {
  const parsed = cancelDataSchema.safeParse(data);
  const issues = parsed.error?.issues ?? [];
  const details = inOrder([...issues.flatMap((issue) => structureFindings(issue, data, cancelDataSchema)), ...ticketFindings(ticket)]);
  if (parsed.success && details.length === 0) {
    if (parsed.data.requestSource === requestSource) return { ok: parsed.data };
    log("rejected", { instanceId, problem: "SourceNotAllowed" });
    const message = `A request is cancelled by its own source, "${parsed.data.requestSource}". This cancellation came from "${requestSource}".`;
    return { problem: problem("SourceNotAllowed", message, { target: "/requestSource" }) };
  }
  log("rejected", { instanceId, errors: details.length });
  return { problem: problem("InvalidRequest", `The cancellation has ${details.length} errors.`, { details }) };
};
