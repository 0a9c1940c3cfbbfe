import { createHmac, hkdfSync } from "node:crypto";

/** The sealing keys by their ids, in the order of the setting SEALING_KEYS: the first seals, all open. Each is 32 bytes. */
export type KeyRing = ReadonlyMap<string, Uint8Array>;

/** What a derived key is for. Keys of two uses have nothing in common, so what one use publishes says nothing about another. */
export type KeyUse = "seal" | "payload" | "key" | "source" | "ids" | "arrival";

const derived = new WeakMap<KeyRing, Map<KeyUse, KeyRing>>();

/** Returns the keys of a ring for one use, derived with HKDF-SHA256 (https://www.rfc-editor.org/rfc/rfc5869), once for each ring. */
export function keysFor(use: KeyUse, ring: KeyRing): KeyRing {
  const uses = derived.get(ring) ?? new Map<KeyUse, KeyRing>();
  derived.set(ring, uses);
  const known = uses.get(use);
  if (known) return known;
  const made = new Map(
    [...ring].map(([id, key]) => [id, new Uint8Array(hkdfSync("sha256", key, "", `vpn-connection-provisioner ${use}`, 32))]),
  );
  uses.set(use, made);
  return made;
}

/**
 * Returns keyed fingerprints, `<key id>.<hmac>`, the sealing key's first. A plain hash of a short key could be guessed from a list. There is one for every
 * key of the ring, so that a content is recognised as long as one of the keys that were there is still there.
 */
export function fingerprintsOf(use: Exclude<KeyUse, "seal">, content: string, ring: KeyRing): string[] {
  return [...keysFor(use, ring)].map(([keyId, key]) => `${keyId}.${createHmac("sha256", key).update(content).digest("base64url")}`);
}
