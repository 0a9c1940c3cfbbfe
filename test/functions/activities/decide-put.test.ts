import assert from "node:assert/strict";
import { test } from "node:test";
import { decidePut } from "../../../functions/activities/decide-put.ts";
import { createStoredConnection } from "../../../local/azure/resource-manager/defaults.ts";
import { noKeys } from "../../../shared/durable/connection-keys.ts";
import { keyFilterOf } from "../../../shared/secrets/key-filter.ts";

const base = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
const desired = { properties: { remoteVpnSite: { id: `${base}/vpnSites/v` } } };
const stored = createStoredConnection(`${base}/vpnGateways/g/vpnConnections/c`, `${base}/virtualHubs/h`, desired) as unknown as {
  properties: object;
};
const shown = (provisioningState: string) => ({ ...stored, properties: { ...stored.properties, provisioningState } });
const before = { existed: false, etag: "", diff: null };

test("a deletion is never taken for the change of this request", () => {
  for (const [state, what] of [
    ["Deleting", "busy"],
    ["deleting", "busy"],
    ["Updating", "adopted"],
    ["Creating", "adopted"],
  ] as const)
    for (const more of [{}, { before }]) {
      const decision = decidePut({ desired, remembered: noKeys, ...more }, shown(state), { keys: [] } as never, keyFilterOf([]));
      assert.equal(decision.what, what, state);
    }
});
