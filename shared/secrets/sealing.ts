import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto";
import { jsonPointer } from "../contract/finding.ts";
import { deriveKeys, type KeyRing } from "./key-ring.ts";
import { type KeyFault, keyFaults } from "./pre-shared-key.ts";
import { removeSecretFields, suggestsSecret } from "./redaction.ts";

/**
 * A secret in the input of an instance. It opens only with the key ring, and only in the same place
 * of the same request.
 */
export interface Sealed {
  readonly sealed: string;
  /** Faults of the secret. They are found before sealing, because validation cannot read it. */
  readonly faults?: readonly KeyFault[];
}

/**
 * Replaces a value that may be a secret but is in no place for one. It keeps the type for the
 * finding that refuses the request.
 */
export interface Unsealable {
  readonly unsealable: string;
}

/**
 * A connection has at most four links. Keys of further links are not sealed. So one message uses at
 * most five random IVs of the sealing key.
 */
const MOST_SEALED_LINKS = 4;

/**
 * Returns true for a sealed secret. A requester cannot forge one: `sealSecrets` replaces objects in
 * the place of a secret.
 */
export function isSealed(value: unknown): value is Sealed {
  return typeof value === "object" && value !== null && typeof (value as Partial<Sealed>).sealed === "string";
}

/**
 * Returns a request's data with its secrets sealed:
 * - In the contract's places for a key, a string becomes `{ sealed }`. A reference `{
 *   keyVaultSecretUri }` stays.
 * - Every other value whose name suggests a secret becomes `{ unsealable }`. The contract refuses
 *   such a request.
 * - In a text that quotes secret fields, such as JSON in a string, their values are replaced.
 *
 * Uses AES-256-GCM (NIST SP 800-38D). The instance id and the JSON pointer are the additional data,
 * so a sealed value does not open in another place.
 */
export function sealSecrets(data: unknown, instanceId: string, ring: KeyRing): unknown {
  const walk = (node: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof node === "string") return removeSecretFields(node);
    if (Array.isArray(node)) return node.map((item, index) => walk(item, [...path, index]));
    if (typeof node !== "object" || node === null) return node;
    const fields = Object.entries(node).map(([name, value]) => {
      const place = [...path, name];
      if (!suggestsSecret(name)) return [name, walk(value, place)];
      return [name, isPlaceOfKey(place) ? sealKey(value, instanceId, jsonPointer(place), ring) : hideValue(value)];
    });
    return Object.fromEntries(fields);
  };
  return walk(data, []);
}

/** Returns true if the contract has a pre-shared key at a path of a request's data. */
function isPlaceOfKey(path: readonly PropertyKey[]): boolean {
  const [connection, properties, next, index, ownProperties, last] = path;
  if (connection !== "connection" || properties !== "properties") return false;
  if (next === "sharedKey") return true;
  const isLinkKey = next === "vpnLinkConnections" && typeof index === "number" && index < MOST_SEALED_LINKS;
  return isLinkKey && ownProperties === "properties" && last === "sharedKey";
}

/**
 * Returns JSON pointer → sealed secret for a part of a request's data. `path` is the place of the
 * part in the data.
 */
export function collectSealed(part: unknown, path: readonly PropertyKey[]): Record<string, string> {
  if (isSealed(part)) return { [jsonPointer(path)]: part.sealed };
  if (typeof part !== "object" || part === null) return {};
  const found = Object.entries(part).map(([name, value]) => collectSealed(value, [...path, name]));
  return Object.assign({}, ...found);
}

/**
 * A sealed secret that this ring does not open. While SEALING_KEYS changes, another instance of the
 * app may have sealed it with a sealing key that this one does not have yet.
 */
export class SealedSecretError extends Error {
  override readonly name = "SealedSecretError";
  readonly keyId: string;
  constructor(keyId: string, message: string) {
    super(message);
    this.keyId = keyId;
  }
}

/**
 * Opens the sealed secrets in the input of an activity. Throws SealedSecretError if one does not
 * open.
 */
export function openSecrets(
  { instanceId, sealed }: { readonly instanceId: string; readonly sealed: Readonly<Record<string, string>> },
  ring: KeyRing,
): string[] {
  return Object.entries(sealed).map(([pointer, text]) => openSealed(text, instanceId, pointer, ring));
}

/**
 * Seals one text. It opens only with the same instance id and JSON pointer. Throws if the ring is
 * empty.
 */
export function sealText(value: string, instanceId: string, pointer: string, ring: KeyRing): string {
  const [first] = deriveKeys("seal", ring);
  if (!first) throw new Error("SEALING_KEYS holds no key");
  const [keyId, key] = first;
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(`${instanceId}${pointer}`));
  const box = Buffer.concat([iv, cipher.update(value, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `${keyId}.${box.toString("base64url")}`;
}

function sealKey(value: unknown, instanceId: string, pointer: string, ring: KeyRing): Sealed | Unsealable | object | null {
  if (typeof value !== "string") return hideValue(value);
  const faults = keyFaults(value);
  return { sealed: sealText(value, instanceId, pointer, ring), ...(faults.length > 0 ? { faults } : {}) };
}

/**
 * Replaces a value by its type, because it may be a secret. Only null, which stands for a value
 * that is not given, and the https URL of a Key Vault reference stay. The names of its properties
 * stay, so that validation can refuse unknown ones.
 */
function hideValue(value: unknown): Unsealable | object | null {
  if (value === null) return null;
  if (typeof value === "object" && Object.hasOwn(value, "keyVaultSecretUri")) {
    const fields = Object.entries(value).map(([name, other]) => [
      name,
      name === "keyVaultSecretUri" && (isHttpsUrl(other) || other === null) ? other : { unsealable: typeof other },
    ]);
    return Object.fromEntries(fields);
  }
  return { unsealable: typeNameOf(value) };
}

function typeNameOf(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}

function isHttpsUrl(value: unknown): boolean {
  return typeof value === "string" && /^https:\/\//i.test(value);
}

/**
 * Opens one sealed text. `pointer` is its JSON pointer when it was sealed. Throws SealedSecretError
 * if its sealing key is not in the ring, or if the text was changed or moved.
 */
export function openSealed(sealed: string, instanceId: string, pointer: string, ring: KeyRing): string {
  const dot = sealed.lastIndexOf(".");
  const keyId = sealed.slice(0, dot);
  const key = deriveKeys("seal", ring).get(keyId);
  if (!key) throw new SealedSecretError(keyId, `SEALING_KEYS has no key "${keyId}", which sealed a secret of this request.`);
  try {
    return openBox(sealed.slice(dot + 1), key, `${instanceId}${pointer}`);
  } catch {
    throw new SealedSecretError(keyId, `The key "${keyId}" of SEALING_KEYS does not open a secret of this request.`);
  }
}

function openBox(text: string, key: KeyObject, additionalData: string): string {
  const box = Buffer.from(text, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", key, box.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(additionalData)).setAuthTag(box.subarray(-16));
  return Buffer.concat([decipher.update(box.subarray(12, -16)), decipher.final()]).toString("utf8");
}
