import type { SecretClient } from "@azure/keyvault-secrets";
import { createSecretClient } from "./key-vault.ts";
import { loadOnce } from "./load-once.ts";

/** The secret of a vault that the setting SEALING_KEYS of the deployed app is read from. */
const SECRET = "sealing-keys";

/** One version of the secret. */
export interface RingVersion {
  readonly version: string;
  readonly updated: Date;
  /** The value of SEALING_KEYS. */
  readonly value: string;
}

/** The sealing keys in a vault. Each method throws a sentence if the vault refuses. */
export interface SealingKeyVault {
  /** Reads the newest version. */
  readNewest(): Promise<RingVersion>;
  /** Returns the ids of all versions. */
  listVersions(): Promise<string[]>;
  /** Adds a version, which is then the newest. Returns its id. */
  write(value: string): Promise<string>;
}

/** Opens the sealing keys of a vault, such as https://name.vault.azure.net, as the caller. */
export function openSealingKeyVault(vaultUrl: string): SealingKeyVault {
  const { host } = new URL(vaultUrl);
  const client = loadOnce(() => createSecretClient(host, vaultUrl));
  const call = async <T>(work: (opened: SecretClient) => Promise<T>): Promise<T> => {
    try {
      return await work(await client());
    } catch (error) {
      throw new Error(describeFault(error, host));
    }
  };
  return {
    readNewest: () =>
      call(async (opened) => {
        const { value = "", properties } = await opened.getSecret(SECRET);
        return { value, version: properties.version ?? "", updated: properties.updatedOn ?? new Date(0) };
      }),
    listVersions: () =>
      call(async (opened) => {
        const versions: string[] = [];
        for await (const { version = "" } of opened.listPropertiesOfSecretVersions(SECRET)) versions.push(version);
        return versions;
      }),
    write: (value) =>
      call(async (opened) => (await opened.setSecret(SECRET, value, { contentType: "application/json" })).properties.version ?? ""),
  };
}

/** Returns a sentence without a value: the SDK's message may quote what was sent. */
function describeFault(error: unknown, host: string): string {
  const { name, statusCode, code } = error as { name?: string; statusCode?: number; code?: string };
  if (statusCode === 403)
    return `${host} does not let you use the secret ${SECRET}: get the role Key Vault Secrets Officer on it, and call from a network that may reach the vault.`;
  if (statusCode === 404) return `${host} has no secret ${SECRET}: \`azd provision\` makes it.`;
  if (statusCode !== undefined) return `${host} refuses with status ${statusCode}${code ? ` (${code})` : ""}: try again later.`;
  if (/Authentication|CredentialUnavailable/.test(name ?? ""))
    return "You are not signed in to Azure here: run `az login` or `azd auth login`.";
  return `${host} cannot be reached${code ? ` (${code})` : ""}: check the name of the vault and the network.`;
}
