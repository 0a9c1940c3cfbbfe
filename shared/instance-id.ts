import { createHash } from "node:crypto";

/**
 * The orchestration instance of a request: `vpn-` and 40 hex digits of sha256(source, line feed, id). Hashed because the durable client does not
 * encode ids in its URLs, and bounded to what every storage backend accepts.
 */
export function instanceIdOf(source: string, id: string): string {
  return `vpn-${createHash("sha256").update(`${source}\n${id}`).digest("hex").slice(0, 40)}`;
}
