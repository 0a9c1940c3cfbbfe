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

/** What is remembered of the keys of a connection. */
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

/**
 * What is remembered of each connection of a gateway, by its name in lower case. Each entry is the
 * JSON text of a RememberedKeys, because a gateway is read and written as a whole, and strings cost
 * less than objects.
 */
export type KnownKeys = Readonly<Record<string, string>>;

/**
 * The keys of a connection after a request for it: the keys of a verified change, `same` if no PUT
 * can have reached Azure, or `unknown`.
 */
export type KeysAfterChange = GivenKeys | "same" | "unknown";

/** A source that drops out of the list sees `unknown` again, which costs one more PUT. */
const MOST_SOURCES = 16;
/**
 * The connections of one gateway that are remembered. A hub has at most 1,000:
 * https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/azure-subscription-service-limits#virtual-wan-limits
 * The one that was changed longest ago drops out, which costs one more PUT.
 */
const MOST_CONNECTIONS = 1_000;

/** Returns what is remembered of a connection. */
export function recallKeys(known: KnownKeys, connectionName: string): RememberedKeys {
  const name = connectionName.toLowerCase();
  return Object.hasOwn(known, name) ? JSON.parse(known[name] ?? "") : noKeys;
}

/** Forgets the keys of a connection, but not who has set them. */
export function forgetKeys(known: KnownKeys, connectionName: string): KnownKeys {
  return setKeys(known, connectionName, { ...recallKeys(known, connectionName), keys: [] });
}

/** Stores the keys of a connection after a request that had taken them. */
export function keepKeys(known: KnownKeys, connectionName: string, taken: RememberedKeys["keys"], after: KeysAfterChange): KnownKeys {
  const { sources } = recallKeys(known, connectionName);
  if (after === "unknown") return known;
  if (after === "same") return taken.length > 0 ? setKeys(known, connectionName, { keys: taken, sources }) : known;
  const { keys, source } = after;
  const others = sources.filter((other) => !hasCommon(other, source));
  return setKeys(known, connectionName, { keys, sources: [source, ...others].slice(0, MOST_SOURCES) });
}

/** Stores what is remembered of a connection, as the latest one. */
function setKeys(known: KnownKeys, connectionName: string, remembered: RememberedKeys): KnownKeys {
  const name = connectionName.toLowerCase();
  const others = Object.entries(known).filter(([other]) => other !== name);
  if (remembered.keys.length === 0 && remembered.sources.length === 0) return Object.fromEntries(others);
  return Object.fromEntries([...others, [name, JSON.stringify(remembered)] as const].slice(-MOST_CONNECTIONS));
}

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
