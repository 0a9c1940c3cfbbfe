import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { jsonPointer } from "./finding.ts";
import { type KeyFault, keyFaults } from "./pre-shared-key.ts";
import { suggestsSecret, withoutSecretFields } from "./redaction.ts";

/** The keys by their ids, in the order of the setting SEALING_KEYS: the first seals, all open. Each is 32 bytes. */
export type KeyRing = ReadonlyMap<string, Uint8Array>;

/** A secret as it stands in an instance's input: readable only with the key ring, and only in the same place of the same request. */
export interface Sealed {
  readonly sealed: string;
  /** What was wrong with the secret, judged before it was sealed, because afterwards nobody may look. */
  readonly faults?: readonly KeyFault[];
}

/** What stands where a secret of a wrong type was found: the type alone, for the finding that refuses it. */
export interface Unsealable {
  readonly unsealable: string;
}

/** Tells a sealed secret from everything a requester can write: requesters' own objects in its place never reach an instance. */
export function isSealed(value: unknown): value is Sealed {
  return typeof value === "object" && value !== null && typeof (value as Partial<Sealed>).sealed === "string";
}

/**
 * Seals every secret field of a request's data, misspelt ones too: strings become `{ sealed }`, references `{ keyVaultSecretUri }` stay, all else becomes
 * `{ unsealable }`. A text that quotes such fields, as JSON sent inside a string does, loses their values.
 * AES-256-GCM with instance id and JSON pointer as additional data (NIST SP 800-38D), so a sealed value moved elsewhere does not open.
 */
export function sealSecrets(data: unknown, instanceId: string, ring: KeyRing): unknown {
  const walk = (node: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof node === "string") return withoutSecretFields(node);
    if (Array.isArray(node)) return node.map((item, index) => walk(item, [...path, index]));
    if (typeof node !== "object" || node === null) return node;
    const fields = Object.entries(node).map(([name, value]) => {
      const place = [...path, name];
      return [name, suggestsSecret(name) ? sealOne(value, instanceId, jsonPointer(place), ring) : walk(value, place)];
    });
    return Object.fromEntries(fields);
  };
  return walk(data, []);
}

/** Opens every sealed secret in the part of a request's data that stands at `path`. Throws when its key has left the ring or it was moved or changed. */
export function openSecrets(part: unknown, path: readonly PropertyKey[], instanceId: string, ring: KeyRing): unknown {
  const walk = (node: unknown, path: readonly PropertyKey[]): unknown => {
    if (isSealed(node)) {
      return openSealed(node.sealed, instanceId, jsonPointer(path), ring);
    }
    if (Array.isArray(node)) return node.map((item, index) => walk(item, [...path, index]));
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, walk(value, [...path, name])]));
  };
  return walk(part, path);
}

/** Lists the sealed secrets of the part of a request's data that stands at `path`, by their JSON pointers. */
export function sealedIn(part: unknown, path: readonly PropertyKey[]): Record<string, string> {
  if (isSealed(part)) return { [jsonPointer(path)]: part.sealed };
  if (typeof part !== "object" || part === null) return {};
  const found = Object.entries(part).map(([name, value]) => sealedIn(value, [...path, name]));
  return Object.assign({}, ...found);
}

/**
 * Keyed fingerprints of a payload, `<key id>.<hmac>`, the sealing key's first: a plain hash of a short shared key could be guessed from a list. One for
 * every key of the ring, so that a payload is recognised as long as one of the keys that were there is still there.
 */
export function fingerprintsOf(payload: string | Uint8Array, ring: KeyRing): string[] {
  return [...ring].map(([keyId, key]) => `${keyId}.${createHmac("sha256", key).update("payload\n").update(payload).digest("base64url")}`);
}

/** Seals one secret, bound to its instance and to its place in the request's data. */
export function sealText(value: string, instanceId: string, pointer: string, ring: KeyRing): string {
  const [keyId, key] = firstKey(ring);
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(`${instanceId}${pointer}`));
  const box = Buffer.concat([iv, cipher.update(value, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `${keyId}.${box.toString("base64url")}`;
}

function sealOne(value: unknown, instanceId: string, pointer: string, ring: KeyRing): Sealed | Unsealable | object {
  if (typeof value === "string") {
    const faults = keyFaults(value);
    return { sealed: sealText(value, instanceId, pointer, ring), ...(faults.length > 0 ? { faults } : {}) };
  }
  if (typeof value === "object" && value !== null && "keyVaultSecretUri" in value) {
    // All but an address keeps its name, so that it is refused, and loses its value, which may be a secret too.
    const fields = Object.entries(value).map(([name, other]) => [
      name,
      name === "keyVaultSecretUri" && isAddress(other) ? other : { unsealable: typeof other },
    ]);
    return Object.fromEntries(fields);
  }
  return { unsealable: value === null ? "null" : Array.isArray(value) ? "array" : typeof value };
}

function isAddress(value: unknown): boolean {
  return typeof value === "string" && /^https:\/\//i.test(value);
}

/** Opens one sealed secret; `pointer` is where it stood in the request's data when it was sealed. */
export function openSealed(sealed: string, instanceId: string, pointer: string, ring: KeyRing): string {
  const dot = sealed.lastIndexOf(".");
  const keyId = sealed.slice(0, dot);
  const key = ring.get(keyId);
  if (!key) throw new Error(`SEALING_KEYS has no key "${keyId}", which sealed a secret of a request that is still running`);
  const box = Buffer.from(sealed.slice(dot + 1), "base64url");
  const decipher = createDecipheriv("aes-256-gcm", key, box.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(`${instanceId}${pointer}`)).setAuthTag(box.subarray(-16));
  return Buffer.concat([decipher.update(box.subarray(12, -16)), decipher.final()]).toString("utf8");
}

function firstKey(ring: KeyRing): readonly [string, Uint8Array] {
  const [first] = ring;
  if (!first) throw new Error("SEALING_KEYS holds no key");
  return first;
}
