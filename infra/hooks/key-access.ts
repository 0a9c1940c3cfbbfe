import { setTimeout as pause } from "node:timers/promises";
import { idOf, runHook, vaultIdOf } from "./hook.ts";
import { waitForSealingKeys } from "./key-reference.ts";
import { describeRefusal } from "./resource-manager.ts";

// After first-key.ts: lets the app read the secret sealing-keys, and waits until it does. The role
// is given here, and not only by Bicep, because the secret does not exist when Bicep is deployed
// for the first time. Its name is the one that Bicep uses, so that it is the same role.

const secretsUser = "4633458b-17de-408a-b874-0445c86b69e6";

await runHook(async ({ resourceManager, setting }) => {
  const name = setting("KEY_READER_ASSIGNMENT");
  const assignment = `${vaultIdOf(setting)}/secrets/sealing-keys/providers/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`;
  const found = await resourceManager("GET", assignment);
  if (found.status !== 200) {
    const properties = {
      principalId: setting("APP_PRINCIPAL_ID"),
      principalType: "ServicePrincipal",
      roleDefinitionId: `/subscriptions/${setting("AZURE_SUBSCRIPTION_ID")}/providers/Microsoft.Authorization/roleDefinitions/${secretsUser}`,
    };
    const given = await resourceManager("PUT", assignment, { properties });
    // 409: the app has this role already, under another name.
    if (given.status >= 300 && given.status !== 409) {
      const what = "give the app the role Key Vault Secrets User on the secret sealing-keys";
      throw new Error(describeRefusal(given, what, "Owner, or User Access Administrator, of the resource group"));
    }
    console.log("The app may read its sealing keys.");
  }

  const app = idOf(setting, `Microsoft.Web/sites/${setting("FUNCTION_APP_NAME")}`);
  const status = await waitForSealingKeys(resourceManager, app, (seconds) => pause(seconds * 1000));
  if (status === "Resolved") console.log("The app sees its sealing keys.");
  // The role may need longer. Azure reads the secret again when the app is deployed or restarted.
  else
    console.log(
      `The app does not see its sealing keys yet (${status}). If it does not start, run this again later: azd hooks run postprovision`,
    );
});
