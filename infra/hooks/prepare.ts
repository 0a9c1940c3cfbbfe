import { setTimeout as pause } from "node:timers/promises";
import { type HookContext, runHook } from "./hook.ts";
import { describeRefusal } from "./resource-manager.ts";

// Before `azd provision`: what Bicep cannot do, and what would make it fail after minutes.

await runHook(async (context) => {
  await registerContainerApps(context);
  await findDeletedVault(context);
});

/**
 * Registers Microsoft.App, which Flex Consumption needs in a virtual network. No resource of the
 * deployment is of this type, so Azure does not register it.
 */
async function registerContainerApps({ resourceManager, setting }: HookContext): Promise<void> {
  if (process.env["PRIVATE_NETWORK"] !== "true") return;
  const provider = `/subscriptions/${setting("AZURE_SUBSCRIPTION_ID")}/providers/Microsoft.App`;
  const version = "?api-version=2021-04-01";
  let answer = await resourceManager("GET", `${provider}${version}`);
  if (stateOf(answer.body) === "Registered") return;
  console.log("Registering Microsoft.App, which a private network needs …");
  answer = await resourceManager("POST", `${provider}/register${version}`);
  if (answer.status >= 300)
    throw new Error(describeRefusal(answer, "register the resource provider Microsoft.App", "Contributor of the subscription"));
  for (let tries = 60; stateOf(answer.body) !== "Registered"; tries--) {
    if (tries === 0) throw new Error("Azure still registers Microsoft.App: run the same azd command again in some minutes.");
    await pause(5000);
    answer = await resourceManager("GET", `${provider}${version}`);
  }
}

function stateOf(body: unknown): string | undefined {
  return (body as { registrationState?: string } | null)?.registrationState;
}

/**
 * Stops if the environment's vault was deleted before. Its name is taken for 90 days, and a vault
 * with purge protection can only be restored.
 */
async function findDeletedVault({ resourceManager, setting }: HookContext): Promise<void> {
  const [subscription, location] = [setting("AZURE_SUBSCRIPTION_ID"), setting("AZURE_LOCATION")];
  const group = `rg-${setting("AZURE_ENV_NAME")}`;
  const { status, body } = await resourceManager(
    "GET",
    `/subscriptions/${subscription}/providers/Microsoft.KeyVault/deletedVaults?api-version=2024-11-01`,
  );
  // If they cannot be listed, the deployment itself finds out.
  if (status !== 200) return;
  const vaults = (body as { value: readonly { name: string; properties: { vaultId: string; location: string } }[] }).value;
  const ours = vaults.find(
    ({ name, properties }) =>
      name.startsWith("kv-vpn-") &&
      properties.location === location &&
      properties.vaultId.toLowerCase().includes(`/resourcegroups/${group.toLowerCase()}/`),
  );
  if (ours)
    throw new Error(
      `The vault ${ours.name} of this environment was deleted, and its name is taken for 90 days. Restore it, then run the same azd command again: az group create --name ${group} --location ${location}; az keyvault recover --name ${ours.name} --location ${location} --resource-group ${group}. Or make an environment with another name: azd env new`,
    );
}
