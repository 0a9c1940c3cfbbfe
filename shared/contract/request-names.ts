import type { Target } from "../resource-id.ts";
import { targetSchema } from "./request.ts";

/** A ticket is the requester's own, of any length. */
const LONGEST_TICKET_ID = 128;

/** The names by which people find a request in logs. */
export interface RequestNames {
  readonly requestId: string;
  /** The gateway's name and the connection's; null if the request names none that may exist. */
  readonly connection: string | null;
  readonly ticketId: string | null;
}

/** Returns the name of a connection together with that of its gateway. */
export function connectionNameOf({ gatewayName, connectionName }: Pick<Target, "gatewayName" | "connectionName">): string {
  return `${gatewayName}/${connectionName}`;
}

/** Returns the connection that the data of a request names; null if the name is impossible. */
export function connectionNameIn(data: unknown): string | null {
  const named = typeof data === "object" && data !== null && "target" in data ? targetSchema.safeParse(data.target) : undefined;
  return named?.success ? connectionNameOf(named.data) : null;
}

/** Returns the `id` of a ticket, given as JSON text; null if it has none that fits in a line. */
export function ticketIdOf(ticket: string | null): string | null {
  const read: unknown = ticket === null ? null : JSON.parse(ticket);
  const id: unknown = typeof read === "object" && read !== null && "id" in read ? read.id : null;
  if (Number.isSafeInteger(id)) return String(id);
  return typeof id === "string" && id.length <= LONGEST_TICKET_ID && /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(id) ? id : null;
}
