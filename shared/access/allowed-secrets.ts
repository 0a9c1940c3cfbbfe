import * as z from "zod";
import type { VpnConnection } from "../contract/connection.ts";
import { jsonPointer } from "../contract/finding.ts";
import { type Problem, problem } from "../contract/problem.ts";
import { type SecretUri, secretUriOf, vaultHostOf } from "../secrets/secret-uri.ts";

/** The secrets that requests may name: vault host → patterns of names. */
export type SecretPatterns = ReadonlyMap<string, readonly string[]>;

/** The settings that say which secrets of which vaults requests may name. */
export interface AllowedSecrets {
  readonly KEY_VAULT_ALLOWED_HOSTS: readonly string[];
  /** Null: the default pattern, on every allowed host. */
  readonly KEY_VAULT_ALLOWED_SECRETS: SecretPatterns | null;
}

const DEFAULT_PATTERNS = ["vpn-*"];
const notAUri =
  "keyVaultSecretUri must be the URI of a Key Vault secret, for example https://myvault.vault.azure.net/secrets/vpn-branch-0042, with or without a version.";

const host = z.string().refine((text) => vaultHostOf(text) !== undefined);
const hosts = "Expected host names such as myvault.vault.azure.net; no URLs, no wildcards";
const pattern = z.string().regex(/^[0-9A-Za-z*-]{1,127}$/, {
  error: "Expected patterns of secret names: letters, digits, `-`, and `*` for any of them",
});

/** The setting KEY_VAULT_ALLOWED_SECRETS after it was parsed as JSON. */
export const secretPatternsSchema = z
  .record(host, z.array(pattern), { error: ({ code }) => (code === "invalid_key" ? hosts : undefined) })
  .transform((patterns): SecretPatterns => new Map(Object.entries(patterns).map(([name, listed]) => [vaultHostOf(name) ?? name, listed])));

/**
 * Returns the secret that the URI of a key names, or why it may not be read. Of the URI only host
 * and name are repeated: other text may be a secret itself.
 */
export function allowedSecret(
  uri: string,
  { KEY_VAULT_ALLOWED_HOSTS, KEY_VAULT_ALLOWED_SECRETS }: AllowedSecrets,
): { readonly secret: SecretUri } | { readonly fault: string } {
  const secret = secretUriOf(uri);
  if (!secret) return { fault: notAUri };
  const { name, host } = secret;
  if (!KEY_VAULT_ALLOWED_HOSTS.includes(host))
    return { fault: `Keys may not be read from the vault ${host}. Use another vault, or ask the operator to allow this one.` };
  const patterns = KEY_VAULT_ALLOWED_SECRETS === null ? DEFAULT_PATTERNS : (KEY_VAULT_ALLOWED_SECRETS.get(host) ?? []);
  if (patterns.some((pattern) => matchesPattern(name, pattern))) return { secret };
  return {
    fault: `Requests may not use the secret ${name} of ${host}. Store the key under an allowed name, or ask the operator to allow this one.`,
  };
}

/**
 * Returns why a connection may not name the keys that it names, with the place of the first one, or
 * nothing if it may.
 */
export function secretRefusal({ properties }: VpnConnection, allowed: AllowedSecrets): Problem | undefined {
  const links = (properties.vpnLinkConnections ?? []).map(
    ({ properties: own }, index) => [["vpnLinkConnections", index, "properties"], own?.sharedKey] as const,
  );
  for (const [path, key] of [[[], properties.sharedKey] as const, ...links]) {
    if (typeof key !== "object" || key === null || !("keyVaultSecretUri" in key)) continue;
    const target = jsonPointer(["connection", "properties", ...path, "sharedKey", "keyVaultSecretUri"]);
    const named = allowedSecret(key.keyVaultSecretUri, allowed);
    if ("fault" in named) return problem("SecretNotAllowed", named.fault, { target });
  }
  return undefined;
}

/**
 * Compares without case, because Key Vault does. Looks for the parts between stars one after the
 * other, so the work stays small for every pattern.
 */
function matchesPattern(name: string, pattern: string): boolean {
  const [first = "", ...parts] = pattern.toLowerCase().split("*");
  const text = name.toLowerCase();
  const last = parts.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let from = first.length;
  for (const part of parts) {
    const at = text.slice(0, text.length - last.length).indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}
