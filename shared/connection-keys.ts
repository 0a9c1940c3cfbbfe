import { createHash } from "node:crypto";
import { connectionId, type Target } from "./resource-id.ts";

/** Fingerprints of the keys a connection was last given, by the name of the link in lower case; the connection's own stands under the empty name. */
export type KeyPrints = Readonly<Record<string, readonly string[]>>;

export const noKeys: KeyPrints = {};

/** What happens to what is remembered of a connection's keys. */
export const keyOperations = {
  /** Looks only. */
  recall: (prints: KeyPrints): KeyPrints => prints,
  /** A PUT may change them: until it is known to have succeeded, nothing is known. Answers what was known before. */
  take: (_: KeyPrints): KeyPrints => noKeys,
  /** They were verified in Azure. */
  remember: (_: KeyPrints, { prints }: { prints: KeyPrints }): KeyPrints => prints,
} as const;

/** The key under which a connection's keys are remembered: ids are compared without case, and it must stand in a URL. */
export function connectionKeyOf(target: Target): string {
  return createHash("sha256").update(connectionId(target).toLowerCase()).digest("hex").slice(0, 40);
}

/** Whether the keys of a request are those in Azure: no read shows a key, so without a record it is unknown. */
export function keyStatusOf(prints: readonly string[], remembered: readonly string[] | undefined): "unchanged" | "changed" | "unknown" {
  if (!remembered) return "unknown";
  if (prints.some((print) => remembered.includes(print))) return "unchanged";
  // Under different keys of the ring nothing can be compared.
  const keyIds = (list: readonly string[]) => list.map((print) => print.split(".")[0]);
  return keyIds(prints).some((id) => keyIds(remembered).includes(id)) ? "changed" : "unknown";
}
