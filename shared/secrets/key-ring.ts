import { createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";

/**
 * Key id → sealing key of 32 bytes, in the order of the setting SEALING_KEYS. The first one seals.
 * All of them open.
 */
export type KeyRing = ReadonlyMap<string, Uint8Array>;

/**
 * The purpose of a derived key. Keys of two purposes are independent, so a fingerprint of one
 * purpose reveals nothing about another.
 */
export type KeyUse = "seal" | "payload" | "key" | "source" | "ids" | "arrival";

/** Key id → key for one purpose. A key object is used several times as fast as its bytes. */
export type DerivedKeys = ReadonlyMap<string, KeyObject>;

const derived = new WeakMap<KeyRing, Map<KeyUse, DerivedKeys>>();

/**
 * Derives the keys of a ring for one purpose with HKDF-SHA256
 * (https://www.rfc-editor.org/rfc/rfc5869). The result is kept for each ring.
 */
export function deriveKeys(use: KeyUse, ring: KeyRing): DerivedKeys {
  const uses = derived.get(ring) ?? new Map<KeyUse, DerivedKeys>();
  derived.set(ring, uses);
  const known = uses.get(use);
  if (known) return known;
  const made = new Map(
    [...ring].map(([id, key]) => [
      id,
      createSecretKey(new Uint8Array(hkdfSync("sha256", key, "", `vpn-connection-provisioner ${use}`, 32))),
    ]),
  );
  uses.set(use, made);
  return made;
}

/**
 * Returns one keyed fingerprint, `<key id>.<hmac>`, for each key of the ring. The HMAC is needed
 * because a plain hash of a short secret can be guessed. With one for each key, a content is
 * recognised as long as one of the former keys is still in the ring.
 */
export function fingerprintsOf(use: Exclude<KeyUse, "seal">, content: string, ring: KeyRing): string[] {
  return [...deriveKeys(use, ring)].map(([keyId, key]) => `${keyId}.${createHmac("sha256", key).update(content).digest("base64url")}`);
}
