import type { SecretClient } from "@azure/keyvault-secrets";
import { type AllowedSecrets, checkSecretUri } from "../shared/access/allowed-secrets.ts";
import type { ArmResponse } from "../shared/arm/response.ts";
import { problem } from "../shared/contract/problem.ts";
import { correlationIdOf } from "../shared/correlation-id.ts";
import type { Settled } from "../shared/durable/settled.ts";
import { isLoopbackHost, type SecretUri } from "../shared/secrets/secret-uri.ts";
import { appCredential } from "./credential.ts";
import { classifyMissingSecret, classifySecretError, findSecretFault } from "./key-vault-errors.ts";
import { loadOnce } from "./load-once.ts";
import { errorTypeOf } from "./span-attributes.ts";
import type { Tracing } from "./tracing.ts";

const READ_TIMEOUT_MS = 30_000;

/** The secrets of the vaults that the app may read. */
export interface KeyVault {
  /**
   * Reads a secret, in the version of its URI or else in the newest one. Makes one try, follows no
   * redirect, and never throws. Problems never contain the value. `instanceId` is the request's;
   * its correlation id is in the vault's log.
   */
  readSecret(uri: string, instanceId: string): Promise<Settled<{ readonly value: string; readonly version: string }>>;
}

/**
 * Creates the reader of secrets. It calls only hosts that the settings allow, so no other host gets
 * a token. The SDK is loaded at the first read.
 */
export function createKeyVault(settings: AllowedSecrets, tracing?: Tracing): KeyVault {
  const clients = new Map<string, () => Promise<SecretClient>>();

  /** Each vault has one client, because the client caches the vault's authentication challenge. */
  const clientOf = ({ host, vaultUrl }: SecretUri) => {
    const client = clients.get(host) ?? loadOnce(() => createSecretClient(host, vaultUrl));
    clients.set(host, client);
    return client();
  };

  return {
    async readSecret(uri, instanceId) {
      const allowed = checkSecretUri(uri, settings);
      if ("fault" in allowed) return { problem: problem("SecretNotAllowed", allowed.fault) };
      const { secret } = allowed;
      let response: ArmResponse | undefined;
      // The span does not name the secret.
      const attributes = { "http.request.method": "GET", "server.address": new URL(secret.vaultUrl).hostname };
      const span = tracing?.start({ name: "get secret", kind: "client", attributes });
      let errorType: string | undefined;
      try {
        const { value, properties } = await (await clientOf(secret)).getSecret(secret.name, {
          ...(secret.version === null ? {} : { version: secret.version }),
          abortSignal: AbortSignal.timeout(READ_TIMEOUT_MS),
          requestOptions: { headers: { "x-ms-client-request-id": correlationIdOf(instanceId) } },
          onResponse: ({ status, headers, bodyAsText }) => {
            response = { status, headers: headers.toJSON(), text: bodyAsText ?? "" };
          },
        });
        if (value === undefined || properties.version === undefined) return classifyMissingSecret(secret, new TypeError());
        return findSecretFault(secret, properties, Date.now()) ?? { ok: { value, version: properties.version } };
      } catch (error) {
        errorType = errorTypeOf(error);
        return response && response.status !== 200 ? classifySecretError(secret, response) : classifyMissingSecret(secret, error);
      } finally {
        const { status } = response ?? {};
        span?.end({
          ...(status === undefined ? {} : { "http.response.status_code": status }),
          ...(errorType === undefined ? {} : { "error.type": status && status >= 400 ? String(status) : errorType }),
        });
      }
    },
  };
}

/** Creates the client of one vault, as the app's identity. The SDK is loaded here. */
export async function createSecretClient(host: string, vaultUrl: string): Promise<SecretClient> {
  const { SecretClient } = await import("@azure/keyvault-secrets");
  return new SecretClient(vaultUrl, await appCredential(), {
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    // The SDK checks that the vault's host belongs to the service that the token is for. A vault on
    // this machine has another host, so the check is off for it.
    disableChallengeResourceVerification: isLoopbackHost(host),
  });
}
