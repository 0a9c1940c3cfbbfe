import type { KeyVault } from "../../azure/key-vault.ts";
import type { ResourceManager } from "../../azure/resource-manager.ts";
import { keyFilterOf } from "../../shared/secrets/key-filter.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import type { ActivityNamed } from "./activity.ts";
import { callAzure } from "./azure-calls.ts";
import { decidePut } from "./decide-put.ts";
import { openKeys } from "./open-keys.ts";
import { safeStateOf } from "./put-response.ts";

/** Reads the connection and returns what the request would change. It changes nothing. */
export function planConnection({
  resourceManager,
  keyVault,
  keys,
}: {
  readonly resourceManager: ResourceManager;
  readonly keyVault: KeyVault;
  readonly keys: KeyRing;
}): ActivityNamed<"planConnection"> {
  return async (input, log) => {
    // Keys are opened first, because they must be removed from everything that Azure returns.
    const opened = await openKeys(input, { keys, keyVault });
    if (!("ok" in opened)) return opened;
    const filter = keyFilterOf(opened.ok.values);
    return callAzure(input, { resourceManager, filter }, async ({ readConnection }) => {
      const found = await readConnection("get");
      if (!("ok" in found)) return found;
      const { resource } = found.ok;
      const decision = decidePut(input, resource, opened.ok.given, filter);
      const change = decision.what === "unchanged" ? ("Unchanged" as const) : decision.change;
      log("planned", { change, differences: decision.diff?.length });
      return {
        ok: { change, diff: decision.diff, resource: resource ? filter.resource(resource) : null, armState: safeStateOf(resource, filter) },
      };
    });
  };
}
