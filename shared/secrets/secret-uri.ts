/** The parts of a Key Vault secret URI. */
export interface SecretUri {
  /** The URL of the vault for its client: `https://` and the host. */
  readonly vaultUrl: string;
  /** In lower case, with the port if it is not 443. */
  readonly host: string;
  readonly name: string;
  /** Null means the version that is the newest when the secret is read. */
  readonly version: string | null;
}

/**
 * Returns the parts of a secret URI, or undefined for any other text. It accepts the form that Key
 * Vault itself writes
 * (https://learn.microsoft.com/en-us/azure/key-vault/general/about-keys-secrets-certificates#vault-name-and-object-name),
 * with or without a slash at the end, as other Azure services do. Letter case does not matter.
 * There is no other path, no query, fragment or user, and no escape. So all URL parsers see the
 * same host.
 */
export function secretUriOf(text: string): SecretUri | undefined {
  const [, authority = "", name = "", version = null] =
    /^https:\/\/([^/]+)\/secrets\/([0-9a-z-]{1,127})(?:\/([0-9a-f]{32}))?\/?$/i.exec(text) ?? [];
  const host = vaultHostOf(authority);
  return host === undefined ? undefined : { vaultUrl: `https://${host}`, host, name, version };
}

/**
 * Returns a host in the form of URLs: in lower case, with its port if that is not 443. Returns
 * undefined if a URL parser would change the host, such as `127.1` to `127.0.0.1`.
 */
export function vaultHostOf(text: string): string | undefined {
  if (!/^(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(text)) return undefined;
  const host = text.toLowerCase().replace(/:443$/, "");
  return URL.canParse(`https://${host}`) && new URL(`https://${host}`).host === host ? host : undefined;
}

/** Returns true if a host (in the form that `secretUriOf` returns) is this machine. */
export function isLoopbackHost(host: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(host);
}
