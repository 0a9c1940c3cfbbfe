import type { SecretClient } from "@azure/keyvault-secrets";
import { type AllowedSecrets, allowedSecret } from "../shared/access/allowed-secrets.ts";
import type { ArmResponse } from "../shared/arm/response.ts";
import { problem } from "../shared/contract/problem.ts";
import { correlationIdOf } from "../shared/correlation-id.ts";
import type { Settled } from "../shared/durable/settled.ts";
import { isLoopbackHost, type SecretUri } from "../shared/secrets/secret-uri.ts";
import { appCredential } from "./credential.ts";
import { findSecretFault, noSecretResultOf, secretRefusalOf } from "./key-vault-errors.ts";
import { loadOnce } from "./load-once.ts";

const READ_TIMEOUT_MS = 30_000;

/** The secrets of the vaults that the app may read. */
export interface KeyVault {
  /**
   * Reads a secret in the version that its URI names, or else in the newest. One try, no redirect; it never throws. The value stands in the result alone,
   * never in a problem. `instanceId` finds the call in the vault's own log.
   */
  readSecret(uri: string, instanceId: string): Promise<Settled<{ readonly value: string; readonly version: string }>>;
}

/**
 * Creates the reader of the secrets that the settings allow: no other host is called or given a
 * token. The SDK is loaded when first used.
 */
export function createKeyVault(settings: AllowedSecrets): KeyVault {
  const clients = new Map<string, () => Promise<SecretClient>>();

  /** One client a vault, because each remembers what its vault asks for. */
  const clientOf = ({ host, vaultUrl }: SecretUri) => {
    const client = clients.get(host) ?? loadOnce(() => connect(host, vaultUrl));
    clients.set(host, client);
    return client();
  };

  return {
    async readSecret(uri, instanceId) {
      const named = allowedSecret(uri, settings);
      if ("fault" in named) return { problem: problem("SecretNotAllowed", named.fault) };
      const { secret } = named;
      let answer: ArmResponse | undefined;
      try {
        const { value, properties } = await (await clientOf(secret)).getSecret(secret.name, {
          ...(secret.version === null ? {} : { version: secret.version }),
          abortSignal: AbortSignal.timeout(READ_TIMEOUT_MS),
          requestOptions: { headers: { "x-ms-client-request-id": correlationIdOf(instanceId) } },
          onResponse: ({ status, headers, bodyAsText }) => {
            answer = { status, headers: headers.toJSON(), text: bodyAsText ?? "" };
          },
        });
        if (value === undefined || properties.version === undefined) return noSecretResultOf(secret, new TypeError());
        return findSecretFault(secret, properties, Date.now()) ?? { ok: { value, version: properties.version } };
      } catch (error) {
        return answer && answer.status !== 200 ? secretRefusalOf(secret, answer) : noSecretResultOf(secret, error);
      }
    },
  };
}

async function connect(host: string, vaultUrl: string): Promise<SecretClient> {
  const { SecretClient } = await import("@azure/keyvault-secrets");
  return new SecretClient(vaultUrl, await appCredential(), {
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    // A vault's challenge names the service that the token is for, and the vault's host must belong to it. No host of this machine does.
    disableChallengeResourceVerification: isLoopbackHost(host),
  });
}
