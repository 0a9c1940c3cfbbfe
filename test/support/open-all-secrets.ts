import { jsonPointer } from "../../shared/contract/finding.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { isSealed, openSealed } from "../../shared/secrets/sealing.ts";

/**
 * Returns a part of a request's data with all its sealed secrets opened. `path` is its place in the
 * data.
 */
export function openAllSecrets(part: unknown, path: readonly PropertyKey[], instanceId: string, ring: KeyRing): unknown {
  if (isSealed(part)) return openSealed(part.sealed, instanceId, jsonPointer(path), ring);
  if (Array.isArray(part)) return part.map((item, index) => openAllSecrets(item, [...path, index], instanceId, ring));
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, openAllSecrets(value, [...path, name], instanceId, ring)]));
}
