import { mkdirSync } from "node:fs";
import type { Clock } from "../clock.ts";
import { withStorageErrors } from "../storage-error.ts";
import { makeCertificate } from "./certificate.ts";
import { startIdentity } from "./identity.ts";
import { startKeyVault } from "./key-vault/server.ts";
import { startResourceManager } from "./resource-manager/server.ts";
import { openStateStore } from "./state-store.ts";
import { createTokens } from "./tokens.ts";

/** Options of the simulated Azure. Port 0 means a free one. */
export interface AzureOptions {
  readonly port: number;
  readonly keyVaultPort?: number;
  /** The directory of `ca.pem` and of the state. */
  readonly directory: string;
  readonly clock: Clock;
  /** The duration of a change, in seconds of the clock. */
  readonly operationSeconds?: number;
  readonly retryAfterSeconds?: number;
  readonly tokenLifetimeSeconds?: number;
}

/**
 * Starts the Resource Manager simulator, a key vault, and the token endpoint of the managed
 * identity for both.
 */
export async function startAzure({
  port,
  keyVaultPort = 0,
  directory,
  clock,
  operationSeconds = 6,
  retryAfterSeconds = 2,
  tokenLifetimeSeconds = 86_400,
}: AzureOptions) {
  withStorageErrors(directory, () => mkdirSync(directory, { recursive: true, mode: 0o700 }));
  const store = openStateStore(directory);
  const tokens = createTokens(tokenLifetimeSeconds);
  const certificate = await makeCertificate(directory);
  const identity = await startIdentity(tokens);
  const resourceManager = await startResourceManager({
    port,
    certificate,
    tokens,
    store,
    behaviour: { clock, operationSeconds, retryAfterSeconds },
  });
  const keyVault = await startKeyVault({ port: keyVaultPort, certificate, tokens, store });
  return {
    port: resourceManager.port,
    ports: [resourceManager.port, keyVault.port],
    resourceManagerUrl: resourceManager.url,
    keyVaultUrl: keyVault.url,
    identity: { endpoint: identity.endpoint, header: identity.header },
    caFile: certificate.caFile,
    async close() {
      await Promise.all([resourceManager.close(), keyVault.close(), identity.close()]);
      store.close();
    },
  };
}
