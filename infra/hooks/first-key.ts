import { randomBytes } from "node:crypto";
import { runHook, vaultIdOf } from "./hook.ts";
import { describeRefusal } from "./resource-manager.ts";

// After `azd provision`: makes the first sealing key if there is none. It goes through Resource
// Manager, so no role in the vault is needed, and the vault may be closed to the internet. The
// value is only in the memory of this process and in the request.

await runHook(async ({ resourceManager, setting }) => {
  const vault = setting("KEY_VAULT_NAME");
  const path = `${vaultIdOf(setting)}/secrets/sealing-keys?api-version=2024-11-01`;
  const found = await resourceManager("GET", path);
  if (found.status === 200) return console.log(`The vault ${vault} has sealing keys. Nothing was changed.`);
  if (found.status !== 404)
    throw new Error(describeRefusal(found, `read the secrets of the vault ${vault}`, "Key Vault Contributor there"));

  const value = JSON.stringify({ k1: randomBytes(32).toString("base64") });
  const made = await resourceManager("PUT", path, { properties: { value, contentType: "application/json" } });
  if (made.status >= 300)
    throw new Error(describeRefusal(made, `write the secret sealing-keys of the vault ${vault}`, "Key Vault Contributor there"));
  console.log(`The vault ${vault} has its first sealing key, k1.`);
});
