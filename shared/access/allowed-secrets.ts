import * as z from "zod";
import type { VpnConnection } from "../contract/connection.ts";
import { jsonPointer } from "../contract/finding.ts";
import { type Problem, problem } from "../contract/problem.ts";
import { type SecretUri, secretUriOf, vaultHostOf } from "../secrets/secret-uri.ts";

/** The Key Vault secrets that requests may use: vault host → patterns of secret names. */
export type SecretPatterns = ReadonlyMap<string, readonly string[]>;

/** The settings that decide which Key Vault secrets requests may use. */
export interface AllowedSecrets {
  readonly KEY_VAULT_ALLOWED_HOSTS: readonly string[];
  /** If null, the default pattern applies to every allowed host. */
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

/** Reads the setting KEY_VAULT_ALLOWED_SECRETS, parsed as JSON. */
export const secretPatternsSchema = z
  .record(host, z.array(pattern), { error: ({ code }) => (code === "invalid_key" ? hosts : undefined) })
  .transform((patterns): SecretPatterns => new Map(Object.entries(patterns).map(([name, listed]) => [vaultHostOf(name) ?? name, listed])));

/**
 * Returns the secret that a URI names, or a sentence that says why it may not be read. The sentence
 * repeats only host and name, because other parts of the text may be a secret.
 */
export function checkSecretUri(
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
 * Returns a problem for the first secret URI in a connection that is not allowed, with the URI's
 * JSON pointer. Returns undefined if all are allowed.
 */
export function findSecretProblem({ properties }: VpnConnection, allowed: AllowedSecrets): Problem | undefined {
  const links = (properties.vpnLinkConnections ?? []).map(
    ({ properties: own }, index) => [["vpnLinkConnections", index, "properties"], own?.sharedKey] as const,
  );
  for (const [path, key] of [[[], properties.sharedKey] as const, ...links]) {
    if (typeof key !== "object" || key === null || !("keyVaultSecretUri" in key)) continue;
    const target = jsonPointer(["connection", "properties", ...path, "sharedKey", "keyVaultSecretUri"]);
    const named = checkSecretUri(key.keyVaultSecretUri, allowed);
    if ("fault" in named) return problem("SecretNotAllowed", named.fault, { target });
  }
  return undefined;
}

/**
 * Compares without case, as Key Vault does. Searches the parts between stars one after the other,
 * so no pattern makes it slow, as a regular expression could be.
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
