import type { ResourceManager } from "../../azure/resource-manager.ts";
import { keyFilterOf } from "../../shared/secrets/key-filter.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { openSecrets } from "../../shared/secrets/sealing.ts";
import type { ActivityNamed } from "./activity.ts";
import { callAzure } from "./azure-calls.ts";
import { verifyChange } from "./verify-change.ts";

/**
 * Reads the connection after the change, if the step that saw the end has not read it, or if that
 * read was too early or failed.
 */
export function verifyConnection({
  resourceManager,
  keys,
}: {
  readonly resourceManager: ResourceManager;
  readonly keys: KeyRing;
}): ActivityNamed<"verifyConnection"> {
  return async (input, log) => {
    const filter = keyFilterOf(openSecrets(input, keys));
    return callAzure(input, { resourceManager, filter }, ({ readConnection }) =>
      verifyChange(input, { about: "", readConnection, filter, log }),
    );
  };
}
