import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { jsonPointer } from "../contract/finding.ts";
import { deriveKeys, type KeyRing } from "./key-ring.ts";
import { type KeyFault, keyFaults } from "./pre-shared-key.ts";
import { removeSecretFields, suggestsSecret } from "./redaction.ts";

/** A secret as it stands in an instance's input: readable only with the key ring, and only in the same place of the same request. */
export interface Sealed {
  readonly sealed: string;
  /** What was wrong with the secret, judged before it was sealed, because afterwards nobody may look. */
  readonly faults?: readonly KeyFault[];
}

/** What stands where a secret was found that is not sealed: its type alone, for the finding that refuses it. */
export interface Unsealable {
  readonly unsealable: string;
}

/** A connection has four links at most. Keys of more links are not sealed, so that one message takes five of the sealing key's random numbers at most. */
const MOST_SEALED_LINKS = 4;

/** Tells a sealed secret from everything a requester can write: requesters' own objects in its place never reach an instance. */
export function isSealed(value: unknown): value is Sealed {
  return typeof value === "object" && value !== null && typeof (value as Partial<Sealed>).sealed === "string";
}

/**
 * Seals a request's data. Where the contract has a key, a string becomes `{ sealed }` and a reference `{ keyVaultSecretUri }` stays. Every other value
 * under a name that suggests a secret, misspelt names too, becomes `{ unsealable }`: such a request is refused. A text that quotes such fields, as JSON
 * sent inside a string does, loses their values.
 * AES-256-GCM with instance id and JSON pointer as additional data (NIST SP 800-38D), so a sealed value moved elsewhere does not open.
 */
export function sealSecrets(data: unknown, instanceId: string, ring: KeyRing): unknown {
  const walk = (node: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof node === "string") return removeSecretFields(node);
    if (Array.isArray(node)) return node.map((item, index) => walk(item, [...path, index]));
    if (typeof node !== "object" || node === null) return node;
    const fields = Object.entries(node).map(([name, value]) => {
      const place = [...path, name];
      if (!suggestsSecret(name)) return [name, walk(value, place)];
      return [name, isPlaceOfKey(place) ? sealOne(value, instanceId, jsonPointer(place), ring) : withoutValue(value)];
    });
    return Object.fromEntries(fields);
  };
  return walk(data, []);
}

/** Whether the contract has a pre-shared key at a path of a request's data, on the connection or on a link. Nothing is looked at below a key. */
function isPlaceOfKey(path: readonly PropertyKey[]): boolean {
  const [connection, properties, next, index, ownProperties, last] = path;
  if (connection !== "connection" || properties !== "properties") return false;
  if (next === "sharedKey") return true;
  const ofLink = next === "vpnLinkConnections" && typeof index === "number" && index < MOST_SEALED_LINKS;
  return ofLink && ownProperties === "properties" && last === "sharedKey";
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

/** Opens the sealed secrets that an activity was given by their JSON pointers. */
export function secretsOf(
  { instanceId, sealed }: { readonly instanceId: string; readonly sealed: Readonly<Record<string, string>> },
  ring: KeyRing,
): string[] {
  return Object.entries(sealed).map(([pointer, text]) => openSealed(text, instanceId, pointer, ring));
}

/** Seals one secret, bound to its instance and to its place in the request's data. */
export function sealText(value: string, instanceId: string, pointer: string, ring: KeyRing): string {
  const [first] = deriveKeys("seal", ring);
  if (!first) throw new Error("SEALING_KEYS holds no key");
  const [keyId, key] = first;
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(`${instanceId}${pointer}`));
  const box = Buffer.concat([iv, cipher.update(value, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `${keyId}.${box.toString("base64url")}`;
}

function sealOne(value: unknown, instanceId: string, pointer: string, ring: KeyRing): Sealed | Unsealable | object {
  if (typeof value !== "string") return withoutValue(value);
  const faults = keyFaults(value);
  return { sealed: sealText(value, instanceId, pointer, ring), ...(faults.length > 0 ? { faults } : {}) };
}

/** All but the address of a secret in a vault loses its value, which may be a secret too, and keeps its name, so that it is refused. */
function withoutValue(value: unknown): Unsealable | object {
  if (typeof value === "object" && value !== null && Object.hasOwn(value, "keyVaultSecretUri")) {
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
  const key = deriveKeys("seal", ring).get(keyId);
  if (!key) throw new Error(`SEALING_KEYS has no key "${keyId}", which sealed a secret of a request that is still running`);
  const box = Buffer.from(sealed.slice(dot + 1), "base64url");
  const decipher = createDecipheriv("aes-256-gcm", key, box.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(`${instanceId}${pointer}`)).setAuthTag(box.subarray(-16));
  return Buffer.concat([decipher.update(box.subarray(12, -16)), decipher.final()]).toString("utf8");
}
