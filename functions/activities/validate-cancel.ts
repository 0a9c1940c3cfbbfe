import { cancelDataSchema } from "../../shared/contract/cancel.ts";
import { cutToSchema } from "../../shared/contract/cut.ts";
import { limitFindings, MAX_FINDINGS, sortFindings } from "../../shared/contract/finding.ts";
import { describeInDocument } from "../../shared/contract/in-document.ts";
import { invalidity } from "../../shared/contract/invalidity.ts";
import { problem } from "../../shared/contract/problem.ts";
import { judgeStructure } from "../../shared/contract/structure.ts";
import { ticketFindings } from "../../shared/contract/ticket.ts";
import { dataOf } from "../../shared/durable/request.ts";
import type { ActivityNamed } from "./activity.ts";

/**
 * Checks a cancellation against the contract. Returns all findings in one problem. Only the source
 * of a request may cancel it.
 */
export const validateCancel: ActivityNamed<"validateCancel"> = async (request) => {
  const { requestSource, type, ticket } = request;
  const document = { type, data: dataOf(request) };
  const { valid, findings, unlisted } = judgeStructure(cutToSchema(document.data, cancelDataSchema, MAX_FINDINGS), cancelDataSchema);
  const ofTicket = ticketFindings(ticket);
  if (valid && ofTicket.length === 0) {
    if (valid.requestSource === requestSource) return { ok: valid };
    const message = `Only the source of a request may cancel it. The request is from "${valid.requestSource}", the cancellation from "${requestSource}".`;
    return { problem: describeInDocument(problem("SourceNotAllowed", message, { target: "/requestSource" }), document) };
  }
  const details = limitFindings(sortFindings([...findings, ...ofTicket]), MAX_FINDINGS, unlisted);
  const described = details.map((finding) => describeInDocument(finding, document));
  return { problem: invalidity("cancellation", described) };
};
