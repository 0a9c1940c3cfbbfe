import { connect, type ResourceManager } from "./resource-manager.ts";

/** What a hook gets: the client, and a reader of the values of the environment. */
export interface HookContext {
  readonly resourceManager: ResourceManager;
  /** Returns a value of the azd environment. Throws a sentence if it is missing. */
  readonly setting: (name: string) => string;
}

/**
 * Runs a hook of azd. azd gives it the values of its environment, and the outputs of the
 * deployment. An error is one sentence on standard error, and exit code 1, which stops azd.
 */
export async function runHook(work: (context: HookContext) => Promise<void>): Promise<void> {
  try {
    await work({ resourceManager: connect(process.env), setting: readSetting });
  } catch (error) {
    console.error(sentenceOf(error));
    process.exitCode = 1;
  }
}

function readSetting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this by azd (\`azd provision\`, or \`azd hooks run postprovision\`).`);
  return value;
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The SDK's message lists everything that it tried.
  if (/Authentication|CredentialUnavailable/.test(error.name))
    return "Nobody is signed in to Azure here: run `azd auth login`, then the same azd command again.";
  return error.message;
}

/** Returns the id of the environment's vault. */
export function vaultIdOf(setting: HookContext["setting"]): string {
  return idOf(setting, `Microsoft.KeyVault/vaults/${setting("KEY_VAULT_NAME")}`);
}

/** Returns the id of a resource in the environment's resource group. */
export function idOf(setting: HookContext["setting"], typeAndName: string): string {
  return `/subscriptions/${setting("AZURE_SUBSCRIPTION_ID")}/resourceGroups/${setting("AZURE_RESOURCE_GROUP")}/providers/${typeAndName}`;
}
