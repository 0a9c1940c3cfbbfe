import { type CancelRequest, cancelDataSchema } from "../shared/contract/cancel.ts";
import type { ProvisioningRequest } from "../shared/contract/request.ts";
import { structureFindings } from "../shared/contract/structure.ts";
import { inOrder } from "../shared/finding.ts";
import { problem } from "../shared/problem.ts";
import type { Activity } from "./settle.ts";

/** Judges a cancellation against the contract: every finding at once. */
export const validateCancel: Activity<ProvisioningRequest, CancelRequest> = async ({ instanceId, data }, log) => {
  const parsed = cancelDataSchema.safeParse(data);
  if (parsed.success) return { ok: parsed.data };
  const details = inOrder(parsed.error.issues.flatMap((issue) => structureFindings(issue, data, cancelDataSchema)));
  log("rejected", { instanceId, errors: details.length });
  return { problem: problem("InvalidRequest", `The cancellation has ${details.length} errors.`, { details }) };
};
