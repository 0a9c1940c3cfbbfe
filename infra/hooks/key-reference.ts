import type { ResourceManager } from "./resource-manager.ts";

/** A role needs up to ten minutes until it is known everywhere. */
const TRIES = 30;
const PAUSE_SECONDS = 20;

/**
 * Has Azure read the app's setting SEALING_KEYS from the vault again, until it succeeds. Returns
 * the last status that Azure gave; "Resolved" is success
 * (https://learn.microsoft.com/en-us/azure/app-service/app-service-key-vault-references).
 */
export async function waitForSealingKeys(
  resourceManager: ResourceManager,
  appId: string,
  pause: (seconds: number) => Promise<unknown>,
): Promise<string> {
  const references = `${appId}/config/configreferences/appsettings`;
  for (let left = TRIES; ; left--) {
    await resourceManager("POST", `${references}/refresh?api-version=2022-03-01`);
    const { status, body } = await resourceManager("GET", `${references}/SEALING_KEYS?api-version=2022-03-01`);
    const found = (body as { properties?: { status?: string } } | null)?.properties?.status ?? `status ${status}`;
    if (found === "Resolved" || left === 1) return found;
    await pause(PAUSE_SECONDS);
  }
}
