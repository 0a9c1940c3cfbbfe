import type { KeyVault } from "../shared/azure/key-vault.ts";
import { type KeyPrints, keyStatusOf } from "../shared/connection-keys.ts";
import type { VpnConnection } from "../shared/contract/connection.ts";
import { jsonPointer } from "../shared/finding.ts";
import { keyFaults } from "../shared/pre-shared-key.ts";
import { problem } from "../shared/problem.ts";
import { fingerprintsOf, isSealed, type KeyRing, openSealed, sealText } from "../shared/sealing.ts";
import type { Settled } from "../shared/settled.ts";

/** A request's keys, opened: they must not leave the activity that opened them. */
export interface OpenedKeys {
  /** The REST body with its keys in place. */
  readonly body: unknown;
  readonly values: readonly string[];
  readonly prints: KeyPrints;
  /** JSON pointer in the request's data → the key, sealed: those from Key Vault too, so that later steps can keep them out of answers. */
  readonly sealed: Readonly<Record<string, string>>;
}

interface Place {
  readonly pointer: string;
  /** Name of the link in lower case; empty for the connection itself. */
  readonly link: string;
  readonly key: unknown;
}

/** Opens every key of a desired connection, sealed ones and those that Key Vault holds. */
export async function openKeys(
  desired: VpnConnection,
  instanceId: string,
  { keys, keyVault }: { keys: KeyRing; keyVault: KeyVault },
): Promise<Settled<OpenedKeys>> {
  const opened: { place: Place; value: string }[] = [];
  for (const place of placesOf(desired)) {
    if (isSealed(place.key)) {
      opened.push({ place, value: openSealed(place.key.sealed, instanceId, place.pointer, keys) });
      continue;
    }
    const secret = await keyVault.secretAt((place.key as { keyVaultSecretUri: string }).keyVaultSecretUri, instanceId);
    if (!("ok" in secret)) return secret;
    const faults = keyFaults(secret.ok.value).filter((fault) => fault !== "unusual");
    if (faults.length > 0) {
      const text = "The secret in Key Vault is no pre-shared key: it must be 1 to 128 printable ASCII characters.";
      return { problem: problem("SecretUnusable", text, { target: place.pointer }) };
    }
    opened.push({ place, value: secret.ok.value });
  }
  const values = new Map(opened.map(({ place, value }) => [place.pointer, value]));
  return {
    ok: {
      body: withKeys(desired, values),
      values: [...values.values()],
      prints: Object.fromEntries(opened.map(({ place, value }) => [place.link, fingerprintsOf(`key\n${value}`, keys)])),
      sealed: Object.fromEntries(opened.map(({ place, value }) => [place.pointer, sealText(value, instanceId, place.pointer, keys)])),
    },
  };
}

/** What the keys of a request are to those in Azure, by their places in the connection; those that are unchanged are left out. */
export function keyDifferences(prints: KeyPrints, remembered: KeyPrints) {
  return Object.entries(prints).flatMap(([link, print]) => {
    const status = keyStatusOf(print, Object.hasOwn(remembered, link) ? remembered[link] : undefined);
    const at = link === "" ? "/properties/sharedKey" : `/properties/vpnLinkConnections/${link}/properties/sharedKey`;
    return status === "unchanged" ? [] : [{ target: at, change: "key" as const, before: null, after: status }];
  });
}

function placesOf({ properties }: VpnConnection): Place[] {
  const at = (path: readonly PropertyKey[], link: string, key: unknown): Place[] =>
    key === undefined ? [] : [{ pointer: jsonPointer(["connection", "properties", ...path, "sharedKey"]), link, key }];
  const links = (properties.vpnLinkConnections ?? []).flatMap(({ name, properties: own }, index) =>
    at(["vpnLinkConnections", index, "properties"], name.toLowerCase(), own?.sharedKey),
  );
  return [...at([], "", properties.sharedKey), ...links];
}

function withKeys(desired: VpnConnection, values: ReadonlyMap<string, string>): unknown {
  const walk = (node: unknown, path: readonly PropertyKey[]): unknown => {
    const value = values.get(jsonPointer(path));
    if (value !== undefined) return value;
    if (Array.isArray(node)) return node.map((item, index) => walk(item, [...path, index]));
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([name, field]) => [name, walk(field, [...path, name])]));
  };
  return walk(desired, ["connection"]);
}
