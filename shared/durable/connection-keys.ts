import { connectionId, type Target } from "../resource-id.ts";
import { fingerprintsOf, type KeyRing } from "../secrets/key-ring.ts";

/**
 * The fingerprints of one key of a connection, one for each sealing key. The link's name is in
 * lower case. It is empty for the key of the connection itself.
 */
export interface KeyFingerprints {
  readonly link: string;
  readonly prints: readonly string[];
}

/** Fingerprints of the keys in a request, and of the request's source. */
export interface GivenKeys {
  readonly keys: readonly KeyFingerprints[];
  /** Fingerprints of the request's source. */
  readonly source: readonly string[];
}

/** The state that is kept about the keys of a connection. */
export interface RememberedKeys {
  /** Fingerprints of the keys in the last verified change. Empty if they are unknown. */
  readonly keys: readonly KeyFingerprints[];
  /**
   * Fingerprints of the sources that have set keys of this connection, the latest first. Only
   * these sources may learn whether a key is the current one.
   */
  readonly sources: readonly (readonly string[])[];
}

export const noKeys: RememberedKeys = { keys: [], sources: [] };

/** A source that drops out of the list sees `unknown` again, which costs one more PUT. */
const MOST_SOURCES = 16;

/** The operations of the entity that remembers the keys of a connection. */
export const keyOperations = {
  /** Changes nothing. Used to read the state. */
  recall: (known: RememberedKeys): RememberedKeys => known,
  /** Forgets the keys before a PUT. They are unknown until the change is verified. */
  take: ({ sources }: RememberedKeys): RememberedKeys => ({ keys: [], sources }),
  /** Stores the former keys again after a request that changed nothing. */
  restore: ({ sources }: RememberedKeys, { keys }: Pick<RememberedKeys, "keys">): RememberedKeys => ({ keys, sources }),
  /** Stores the keys and the source of a change that was verified in Azure. */
  remember: ({ sources }: RememberedKeys, { keys, source }: GivenKeys): RememberedKeys => ({
    keys,
    sources: [source, ...sources.filter((known) => !hasCommon(known, source))].slice(0, MOST_SOURCES),
  }),
} as const;

/**
 * Returns the fingerprints of a key. They include the connection and the link, so equal keys in
 * two places have different fingerprints.
 */
export function keyFingerprintsOf(target: Target, linkName: string, key: string, ring: KeyRing): KeyFingerprints {
  const link = linkName.toLowerCase();
  return { link, prints: fingerprintsOf("key", JSON.stringify([connectionId(target).toLowerCase(), link, key]), ring) };
}

/** Returns the fingerprints of a source. They include the connection that it changes. */
export function sourceFingerprintsOf(target: Target, source: string, ring: KeyRing): string[] {
  return fingerprintsOf("source", JSON.stringify([connectionId(target).toLowerCase(), source]), ring);
}

/**
 * Compares the keys of a request with the remembered ones. Returns one difference for each key that
 * is changed or unknown, with its JSON pointer in the connection. No read shows a key, so without
 * a record it is unknown. It is also unknown to a source that has set no key here before:
 * otherwise a sender could guess keys until one is reported as unchanged.
 */
export function keyDifferences({ keys, source }: GivenKeys, remembered: RememberedKeys) {
  const mayCompare = remembered.sources.some((known) => hasCommon(known, source));
  return keys.flatMap(({ link, prints }) => {
    const known = mayCompare ? remembered.keys.find((key) => key.link === link) : undefined;
    const status = keyStatusOf(prints, known?.prints);
    const at = link === "" ? "/properties/sharedKey" : `/properties/vpnLinkConnections/${link}/properties/sharedKey`;
    return status === "unchanged" ? [] : [{ target: at, change: "key" as const, before: null, after: status }];
  });
}

function keyStatusOf(prints: readonly string[], remembered: readonly string[] | undefined): "unchanged" | "changed" | "unknown" {
  if (!remembered) return "unknown";
  if (hasCommon(prints, remembered)) return "unchanged";
  // Fingerprints of different sealing keys cannot be compared.
  const keyIds = (list: readonly string[]) => list.map((print) => print.split(".")[0] ?? "");
  return hasCommon(keyIds(prints), keyIds(remembered)) ? "changed" : "unknown";
}

function hasCommon(one: readonly string[], other: readonly string[]): boolean {
  return one.some((print) => other.includes(print));
}
