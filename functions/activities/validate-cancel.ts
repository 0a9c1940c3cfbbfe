import { cancelDataSchema } from "../../shared/contract/cancel.ts";
import { cutToSchema } from "../../shared/contract/cut.ts";
import { atMost, inOrder, MAX_FINDINGS } from "../../shared/contract/finding.ts";
import { problem } from "../../shared/contract/problem.ts";
import { judgeStructure } from "../../shared/contract/structure.ts";
import { ticketFindings } from "../../shared/contract/ticket.ts";
import { dataOf } from "../../shared/durable/request.ts";
import type { ActivityNamed } from "./activity.ts";

/**
 * Checks a cancellation against the contract. Returns all findings in one problem. Only the source
 * of a request may cancel it.
 */
export const validateCancel: ActivityNamed<"validateCancel"> = async (request, log) => {
  const { instanceId, requestSource, ticket } = request;
  const { valid, findings, unlisted } = judgeStructure(cutToSchema(dataOf(request), cancelDataSchema, MAX_FINDINGS), cancelDataSchema);
  const ofTicket = ticketFindings(ticket);
  if (valid && ofTicket.length === 0) {
    if (valid.requestSource === requestSource) return { ok: valid };
    log("rejected", { instanceId, problem: "SourceNotAllowed" });
    const message = `A request is cancelled by its own source, "${valid.requestSource}". This cancellation came from "${requestSource}".`;
    return { problem: problem("SourceNotAllowed", message, { target: "/requestSource" }) };
  }
  const errors = findings.length + unlisted + ofTicket.length;
  const details = atMost(inOrder([...findings, ...ofTicket]), MAX_FINDINGS, unlisted);
  log("rejected", { instanceId, errors });
  return { problem: problem("InvalidRequest", `The cancellation has ${errors} errors.`, { details }) };
};
