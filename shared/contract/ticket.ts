import type { Finding } from "./finding.ts";
import { structureError } from "./structure.ts";

const MAX_TICKET_BYTES = 4096;

/** What is wrong with a ticket, given as its JSON text: it is an object of 4 KB at most. */
export function ticketFindings(ticket: string | null): Finding[] {
  if (ticket === null) return [];
  if (!ticket.startsWith("{")) return [structureError(["ticket"], "InvalidType", "Expected an object; found another value.")];
  const bytes = new TextEncoder().encode(ticket).length;
  if (bytes <= MAX_TICKET_BYTES) return [];
  return [structureError(["ticket"], "TooLarge", `Expected ${MAX_TICKET_BYTES} bytes or less; found ${bytes}.`)];
}

/** The ticket as an answer may carry it: one that is refused does not come back, because the event would not be one any more. */
export function echoedTicket(ticket: string | null): string | null {
  return ticketFindings(ticket).length === 0 ? ticket : null;
}
