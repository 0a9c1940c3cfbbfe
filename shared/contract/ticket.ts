import type { Finding } from "./finding.ts";
import { structureError } from "./structure.ts";

const MAX_TICKET_BYTES = 4096;

/**
 * Returns what is wrong with a ticket, given as its JSON text. It must be an object of at most 4
 * KB, or null, which counts as not given.
 */
export function ticketFindings(ticket: string | null): Finding[] {
  if (ticket === null || ticket === "null") return [];
  if (!ticket.startsWith("{")) return [structureError(["ticket"], "InvalidType", "ticket must be an object. Found another value.")];
  const bytes = new TextEncoder().encode(ticket).length;
  if (bytes <= MAX_TICKET_BYTES) return [];
  return [structureError(["ticket"], "TooLarge", `ticket has ${bytes} bytes. At most ${MAX_TICKET_BYTES} are allowed.`)];
}

/**
 * Returns the ticket for the completion; null if there is none, or if it was refused, because the
 * event would be invalid with it.
 */
export function keepValidTicket(ticket: string | null): string | null {
  return ticket === "null" || ticketFindings(ticket).length > 0 ? null : ticket;
}
