import type { EndpointResponse } from "../https-server.ts";

/** The identity of every caller, as error messages name it. */
const caller = "appid=local;oid=local;iss=https://sts.local/";
const vault = "local;location=local";

/** Returns an error in Key Vault's form. `inner` is its more exact code. */
export function vaultError(status: number, code: string, message: string, inner?: string): EndpointResponse {
  return { status, body: { error: { code, message, ...(inner === undefined ? {} : { innererror: { code: inner } }) } } };
}

/** The reasons why a caller may not read a secret. */
export type Forbidden = keyof typeof forbiddenResponses;

/** Responses for a caller that may not read a secret, by the reason. */
export const forbiddenResponses = {
  rbac: (name: string) =>
    vaultError(
      403,
      "Forbidden",
      [
        "Caller is not authorized to perform action on resource.",
        "If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.",
        `Caller: ${caller}`,
        "Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'",
        `Resource: '/subscriptions/subid/resourcegroups/rg1/providers/microsoft.keyvault/vaults/local/secrets/${name.toLowerCase()}'`,
        "Assignment: (not found)",
        `Vault: ${vault}`,
      ].join("\r\n"),
      "ForbiddenByRbac",
    ),
  policy: () =>
    vaultError(
      403,
      "Forbidden",
      `The user, group or application '${caller}' does not have secrets get permission on key vault '${vault}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`,
      "AccessDenied",
    ),
  firewall: () =>
    vaultError(
      403,
      "Forbidden",
      `Client address is not authorized and caller is not a trusted service.\r\nClient address: 127.0.0.1\r\nCaller: ${caller}\r\nVault: ${vault}`,
      "ForbiddenByFirewall",
    ),
} as const;

/** Returns the response for a secret, or a version of one, that does not exist. */
export function secretNotFound(id: string): EndpointResponse {
  const message = `A secret with (name/id) ${id} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`;
  return vaultError(404, "SecretNotFound", message);
}

/**
 * Returns the response to a request without a valid token. It says where tokens come from, and for
 * which audience.
 */
export function createChallenge(audience: string, message: string): EndpointResponse {
  const header = `Bearer authorization="https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000", resource="${audience}"`;
  return { ...vaultError(401, "Unauthorized", message), headers: { "www-authenticate": header } };
}
