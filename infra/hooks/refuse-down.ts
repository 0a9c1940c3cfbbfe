import { runHook } from "./hook.ts";

// Before `azd down`: stops it. azd deletes every resource group in which the deployment made
// something, and the app's roles are in the groups of the gateways and of the vaults of requests.

await runHook(async () => {
  const group = process.env["AZURE_RESOURCE_GROUP"] || "<group>";
  throw new Error(
    `\`azd down\` would delete the resource groups of the gateways too, because the app has roles there. Delete only the app's group: remove the lock holds-requests of its storage account, then run \`az group delete --name ${group}\`.`,
  );
});
