import * as z from "zod";
import { most } from "../contract/connection-bounds.ts";
import { type Finding, jsonPointer } from "../contract/finding.ts";
import { field } from "../json/field.ts";
import { type SecretUri, secretUriOf, vaultHostOf } from "../secrets/secret-uri.ts";
import { findSecretUriFault } from "../secrets/secret-uri-fault.ts";

/** The Key Vault secrets that requests may use: vault host → patterns of secret names. */
export type SecretPatterns = ReadonlyMap<string, readonly string[]>;

/** The settings that decide which Key Vault secrets requests may use. */
export interface AllowedSecrets {
  readonly KEY_VAULT_ALLOWED_HOSTS: readonly string[];
  /** If null, the default pattern applies to every allowed host. */
  readonly KEY_VAULT_ALLOWED_SECRETS: SecretPatterns | null;
}

const DEFAULT_PATTERNS = ["vpn-*"];

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
export function checkSecretUri(uri: string, allowed: AllowedSecrets): { readonly secret: SecretUri } | { readonly fault: string } {
  const secret = secretUriOf(uri);
  if (!secret) return { fault: `keyVaultSecretUri ${findSecretUriFault(uri)}` };
  const fault = findAccessFault(secret, allowed);
  return fault === undefined ? { secret } : { fault };
}

/** Returns a sentence if a secret may not be used; undefined if it may. */
export function findAccessFault(secret: SecretUri, allowed: AllowedSecrets): string | undefined {
  return findHostFault(secret, allowed.KEY_VAULT_ALLOWED_HOSTS) ?? findNameFault(secret, allowed.KEY_VAULT_ALLOWED_SECRETS);
}

/** Returns a sentence if no secret of this vault may be used; undefined otherwise. */
export function findHostFault({ host }: SecretUri, hosts: AllowedSecrets["KEY_VAULT_ALLOWED_HOSTS"]): string | undefined {
  if (hosts.includes(host)) return undefined;
  return `Keys may not be read from the vault ${host}. Name another vault in keyVaultSecretUri, or ask the operator to allow this one.`;
}

/** Returns a sentence if secrets of this name may not be used; undefined otherwise. */
export function findNameFault({ host, name }: SecretUri, allowed: AllowedSecrets["KEY_VAULT_ALLOWED_SECRETS"]): string | undefined {
  const patterns = allowed === null ? DEFAULT_PATTERNS : (allowed.get(host) ?? []);
  if (patterns.some((pattern) => matchesPattern(name, pattern))) return undefined;
  return `Requests may not use the secret ${name} of ${host}. Name a secret with an allowed name in keyVaultSecretUri, or ask the operator to allow this one.`;
}

/**
 * Returns an error for each secret in a request's data that is not allowed. `faultOf` says why. The
 * data may break the contract. A URI that names no secret is left to the rules of the contract.
 */
export function findSecretFaults(data: unknown, faultOf: (secret: SecretUri) => string | undefined): Finding[] {
  return secretUrisIn(data).flatMap(({ path, uri }): Finding[] => {
    const secret = secretUriOf(uri);
    const message = secret && faultOf(secret);
    return message === undefined
      ? []
      : [{ code: "SecretNotAllowed", severity: "error", target: jsonPointer(path), message, actor: "requester" }];
  });
}

/** Returns the references to Key Vault in a request's data, each with its path. */
function secretUrisIn(data: unknown): { path: readonly PropertyKey[]; uri: string }[] {
  const properties = field(field(data, "connection"), "properties");
  const links = field(properties, "vpnLinkConnections");
  const tunnels: readonly (readonly [path: readonly PropertyKey[], tunnel: unknown])[] = [
    [[], properties],
    ...(Array.isArray(links) ? links.slice(0, most.links) : []).map(
      (link, index) => [["vpnLinkConnections", index, "properties"], field(link, "properties")] as const,
    ),
  ];
  return tunnels.flatMap(([path, tunnel]) => {
    const uri = field(field(tunnel, "sharedKey"), "keyVaultSecretUri");
    return typeof uri === "string" ? [{ path: ["connection", "properties", ...path, "sharedKey", "keyVaultSecretUri"], uri }] : [];
  });
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
