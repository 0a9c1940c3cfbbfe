import type { KeyVault } from "../../azure/key-vault.ts";
import type { VpnConnection } from "../../shared/contract/connection.ts";
import { jsonPointer } from "../../shared/contract/finding.ts";
import { describeInDocument, type RequestDocument } from "../../shared/contract/in-document.ts";
import { type Problem, problem } from "../../shared/contract/problem.ts";
import { type GivenKeys, keyFingerprintsOf, sourceFingerprintsOf } from "../../shared/durable/connection-keys.ts";
import type { Settled } from "../../shared/durable/settled.ts";
import type { Target } from "../../shared/resource-id.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { MAX_KEY_LENGTH } from "../../shared/secrets/pre-shared-key.ts";
import { isSealed, openSealed, sealText } from "../../shared/secrets/sealing.ts";
import { findVaultKeyFault } from "../../shared/secrets/vault-key-fault.ts";

/** A request's keys in clear. They must not leave the activity that opened them. */
export interface OpenedKeys {
  /** The REST body with its keys in place. */
  readonly body: unknown;
  readonly values: readonly string[];
  readonly given: GivenKeys;
  /**
   * JSON pointer in the request's data → the sealed key. It includes the keys from Key Vault, so
   * that later steps can remove them from what Azure returns.
   */
  readonly sealed: Readonly<Record<string, string>>;
}

/** The request whose keys are opened. */
export interface KeyOwner {
  readonly instanceId: string;
  readonly requestSource: string;
  /** CloudEvents type; null for a bare body. */
  readonly requestType: string | null;
  readonly target: Target;
  readonly desired: VpnConnection;
}

interface Place {
  readonly pointer: string;
  /** Name of the link; empty for the connection itself. */
  readonly link: string;
  readonly key: unknown;
}

/** Opens every key of a desired connection: unseals it, or reads it from Key Vault. */
export async function openKeys(
  { instanceId, requestSource, requestType, target, desired }: KeyOwner,
  { keys, keyVault }: { keys: KeyRing; keyVault: KeyVault },
): Promise<Settled<OpenedKeys>> {
  const document = { type: requestType, data: { connection: desired } };
  const opened: { place: Place; value: string; sealed: string }[] = [];
  for (const place of placesOf(desired)) {
    if (isSealed(place.key)) {
      const { sealed } = place.key;
      opened.push({ place, value: openSealed(sealed, instanceId, place.pointer, keys), sealed });
      continue;
    }
    const secret = await keyVault.readSecret((place.key as { keyVaultSecretUri: string }).keyVaultSecretUri, instanceId);
    if (!("ok" in secret)) return namingKey(secret, document, place);
    const { value } = secret.ok;
    const fault = findVaultKeyFault(value);
    if (fault !== undefined) {
      const text = `The secret in Key Vault is not a pre-shared key: it ${fault}. Store a key of 1 to ${MAX_KEY_LENGTH} printable ASCII characters there, or name another secret in keyVaultSecretUri.`;
      return namingKey({ problem: problem("SecretUnusable", text) }, document, place);
    }
    opened.push({ place, value, sealed: sealText(value, instanceId, place.pointer, keys) });
  }
  return {
    ok: {
      body: insertKeys(desired, new Map(opened.map(({ place, value }) => [place.pointer, value]))),
      values: opened.map(({ value }) => value),
      given: {
        keys: opened.map(({ place, value }) => keyFingerprintsOf(target, place.link, value, keys)),
        source: sourceFingerprintsOf(target, requestSource, keys),
      },
      sealed: Object.fromEntries(opened.map(({ place, sealed }) => [place.pointer, sealed])),
    },
  };
}

/** Adds the key's place in the request to a problem of Key Vault. */
function namingKey(failed: Settled<never>, document: RequestDocument, { pointer }: Place): Settled<never> {
  const naming = (problem: Problem) => describeInDocument({ ...problem, target: pointer }, document);
  if ("problem" in failed) return { ...failed, problem: naming(failed.problem) };
  return "later" in failed ? { ...failed, later: { ...failed.later, problem: naming(failed.later.problem) } } : failed;
}

function placesOf({ properties }: VpnConnection): Place[] {
  const at = (path: readonly PropertyKey[], link: string, key: unknown): Place[] =>
    key === undefined || key === null ? [] : [{ pointer: jsonPointer(["connection", "properties", ...path, "sharedKey"]), link, key }];
  const links = (properties.vpnLinkConnections ?? []).flatMap(({ name, properties: own }, index) =>
    at(["vpnLinkConnections", index, "properties"], name, own?.sharedKey),
  );
  return [...at([], "", properties.sharedKey), ...links];
}

function insertKeys(desired: VpnConnection, values: ReadonlyMap<string, string>): unknown {
  const walk = (node: unknown, path: readonly PropertyKey[]): unknown => {
    const value = values.get(jsonPointer(path));
    if (value !== undefined) return value;
    if (Array.isArray(node)) return node.map((item, index) => walk(item, [...path, index]));
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([name, field]) => [name, walk(field, [...path, name])]));
  };
  return walk(desired, ["connection"]);
}
