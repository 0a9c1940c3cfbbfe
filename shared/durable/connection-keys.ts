import { createHash } from "node:crypto";
import { connectionId, type Target } from "../resource-id.ts";
import { fingerprintsOf, type KeyRing } from "../secrets/key-ring.ts";

/** Fingerprints of one key of a connection. The link's name is in lower case; it is empty for the key of the connection itself. */
export interface KeyPrint {
  readonly link: string;
  readonly prints: readonly string[];
}

/** The keys that a request gives a connection, as fingerprints, and who gives them. */
export interface GivenKeys {
  readonly keys: readonly KeyPrint[];
  /** Fingerprints of the request's source. */
  readonly source: readonly string[];
}

/** What is remembered of a connection's keys. */
export interface RememberedKeys {
  /** The keys it was last given; empty if nothing is known. */
  readonly keys: readonly KeyPrint[];
  /** The sources whose keys this connection has taken, the last one first: only they may learn whether a key is the present one. */
  readonly sources: readonly (readonly string[])[];
}

export const noKeys: RememberedKeys = { keys: [], sources: [] };

/** Who is not among the last sources sees `unknown` again, which costs one more PUT. */
const MOST_SOURCES = 16;

/** What happens to what is remembered of a connection's keys. */
export const keyOperations = {
  /** Looks only. */
  recall: (known: RememberedKeys): RememberedKeys => known,
  /** A PUT may change the keys: until it is known to have succeeded, nothing is known of them. Answers what was known before. */
  take: ({ sources }: RememberedKeys): RememberedKeys => ({ keys: [], sources }),
  /** The request changed nothing: what was known before holds again. */
  restore: ({ sources }: RememberedKeys, { keys }: Pick<RememberedKeys, "keys">): RememberedKeys => ({ keys, sources }),
  /** The keys were verified in Azure. */
  remember: ({ sources }: RememberedKeys, { keys, source }: GivenKeys): RememberedKeys => ({
    keys,
    sources: [source, ...sources.filter((known) => !overlap(known, source))].slice(0, MOST_SOURCES),
  }),
} as const;

/** The entity key under which a connection's keys are remembered: ids are compared without case, and it must stand in a URL. */
export function connectionKeyOf(target: Target): string {
  return createHash("sha256").update(connectionId(target).toLowerCase()).digest("hex").slice(0, 40);
}

/** Returns the fingerprints of a key. They are bound to its place, so that equal keys of two connections or links do not look equal. */
export function keyPrintOf(target: Target, linkName: string, key: string, ring: KeyRing): KeyPrint {
  const link = linkName.toLowerCase();
  return { link, prints: fingerprintsOf("key", JSON.stringify([connectionId(target).toLowerCase(), link, key]), ring) };
}

/** Returns the fingerprints of a source, bound to the connection that it changes. */
export function sourcePrintOf(target: Target, source: string, ring: KeyRing): string[] {
  return fingerprintsOf("source", JSON.stringify([connectionId(target).toLowerCase(), source]), ring);
}

/**
 * What the keys of a request are to those in Azure, by their places in the connection; unchanged ones are left out. No read shows a key, so without a
 * record it is unknown. It is unknown to a source that has set no key here before, too: otherwise anybody who may send could try keys until one fits.
 */
export function keyDifferences({ keys, source }: GivenKeys, remembered: RememberedKeys) {
  const mayCompare = remembered.sources.some((known) => overlap(known, source));
  return keys.flatMap(({ link, prints }) => {
    const known = mayCompare ? remembered.keys.find((key) => key.link === link) : undefined;
    const status = keyStatusOf(prints, known?.prints);
    const at = link === "" ? "/properties/sharedKey" : `/properties/vpnLinkConnections/${link}/properties/sharedKey`;
    return status === "unchanged" ? [] : [{ target: at, change: "key" as const, before: null, after: status }];
  });
}

function keyStatusOf(prints: readonly string[], remembered: readonly string[] | undefined): "unchanged" | "changed" | "unknown" {
  if (!remembered) return "unknown";
  if (overlap(prints, remembered)) return "unchanged";
  // Under different keys of the ring nothing can be compared.
  const keyIds = (list: readonly string[]) => list.map((print) => print.split(".")[0] ?? "");
  return overlap(keyIds(prints), keyIds(remembered)) ? "changed" : "unknown";
}

function overlap(one: readonly string[], other: readonly string[]): boolean {
  return one.some((print) => other.includes(print));
}
