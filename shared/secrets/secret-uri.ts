/** The URI of a Key Vault secret, taken apart. */
export interface SecretUri {
  /** The vault, as its client is given it: `https://` and the host. */
  readonly vaultUrl: string;
  /** In lower case, with the port where it is not that of https. */
  readonly host: string;
  readonly name: string;
  /** Nothing where the URI means the newest version, whichever that is when it is read. */
  readonly version: string | null;
}

/**
 * Reads the URI of a secret, and nothing looser than what Key Vault itself writes
 * (https://learn.microsoft.com/en-us/azure/key-vault/general/about-keys-secrets-certificates#vault-name-and-object-name): no other path, no query, fragment
 * or user, nothing escaped, so that no two readers of the text can differ about the host.
 */
export function secretUriOf(text: string): SecretUri | undefined {
  const [, authority = "", name = "", version = null] =
    /^https:\/\/([^/]+)\/secrets\/([0-9A-Za-z-]{1,127})(?:\/([0-9A-Fa-f]{32}))?$/.exec(text) ?? [];
  const host = vaultHostOf(authority);
  return host === undefined ? undefined : { vaultUrl: `https://${host}`, host, name, version };
}

/** A host as URLs have it: lower case, with its port where that is not 443. Answers nothing for a host that URLs would write in another way, such as `127.1`. */
export function vaultHostOf(text: string): string | undefined {
  if (!/^(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(text)) return undefined;
  const host = text.toLowerCase().replace(/:443$/, "");
  return URL.canParse(`https://${host}`) && new URL(`https://${host}`).host === host ? host : undefined;
}

/** Whether a host, as `secretUriOf` gives it, is this machine itself. */
export function isLoopbackHost(host: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(host);
}
