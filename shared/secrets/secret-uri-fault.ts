import { isLoopbackHost, secretUriOf } from "./secret-uri.ts";

const form = "The form is https://myvault.vault.azure.net/secrets/vpn-branch-0042, with or without a version.";

/** What a text has that is not the URI of a secret, and what to do. The first one is reported. */
const faults: readonly (readonly [pattern: RegExp, says: string])[] = [
  [/^\s|\s$/, "has a space or a line break at its start or end. Remove it."],
  [/^(?!https:)/i, "must start with https://."],
  [/\\/, "has a backslash. Use slashes only."],
  [/\s/, "has a space or a line break in it. Remove it."],
  [/\?/, "has a query. Remove everything from the question mark on."],
  [/#/, "has a fragment. Remove everything from the # on."],
  [/^https:\/\/[^/]*@/i, "has a user name before the host. Remove everything up to the @."],
  [/^https:\/\/(?:[^/[:]+|\[[^/\]]*\]):[^/]*/i, "has a port. Remove the colon and the port after the host."],
  [/^https:\/\/[^/]*\/+keys(?:\/|$)/i, "is the URI of a key in Key Vault. A pre-shared key is stored as a secret: use /secrets/."],
  [/^https:\/\/[^/]*\/+certificates(?:\/|$)/i, "is the URI of a certificate. A pre-shared key is stored as a secret: use /secrets/."],
  [/^https:\/\/[^/]*\/*$/i, "names a host only. Add /secrets/ and the name of the secret."],
  [/^https:\/\/[^/]*\/secrets\/*$/i, "names no secret. Add its name after /secrets/."],
  [/^https:\/\/[^/]*\/secrets\/[^/]*[^/0-9a-z-]/i, "has a name with other characters than letters, digits and hyphens. Correct the name."],
  [/^https:\/\/[^/]*\/secrets\/[^/]{128}/i, "has a name of more than 127 characters. Correct the name."],
  [
    /^https:\/\/[^/]*\/secrets\/[^/]+\/[^/]+/i,
    "must end with the name or with a version of 32 hexadecimal digits. Leave the version out for the newest one.",
  ],
];

/**
 * Returns why a text is not the URI of a Key Vault secret, as the end of a sentence that starts
 * with the field's name; undefined if it is one. It does not repeat the text, which may be a secret
 * in the wrong place. A port is accepted only on this machine, because a Key Vault has none.
 */
export function findSecretUriFault(text: string): string | undefined {
  const secret = secretUriOf(text);
  if (secret && (secret.host === withoutPort(secret.host) || isLoopbackHost(secret.host))) return undefined;
  const [, says = "is not the URI of a Key Vault secret."] = faults.find(([pattern]) => pattern.test(text)) ?? [];
  return `${says} ${form}`;
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, "");
}
