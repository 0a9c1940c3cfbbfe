import { errorCodes } from "../shared/arm/error-tree.ts";
import { type ArmResponse, armErrorOf, waitOf } from "../shared/arm/response.ts";
import { type ProblemCode, problem } from "../shared/contract/problem.ts";
import type { LaterClass, Settled } from "../shared/durable/settled.ts";
import type { SecretUri } from "../shared/secrets/secret-uri.ts";

interface Rule {
  readonly status: readonly number[];
  /** Codes of the error or of its inner error, if the status alone is not enough. */
  readonly codes?: RegExp;
  /** The class of the retry. Without it the problem is final. */
  readonly later?: LaterClass;
  readonly code: ProblemCode;
  readonly says: string;
  readonly source: string;
}

const errors = "https://learn.microsoft.com/en-us/azure/key-vault/general/rest-error-codes";
const troubleshooting = "https://github.com/Azure/azure-sdk-for-js/issues/24756";

/** The meaning of error responses of Key Vault. The first rule that fits applies. */
const rules: readonly Rule[] = [
  { status: [400, 404, 410], code: "SecretUnusable", says: "The secret or this version of it does not exist.", source: errors },
  {
    status: [403],
    codes: /^Secret(Disabled|Expired|NotYetValid)$/,
    code: "SecretUnusable",
    says: "The secret is disabled, expired or not valid yet.",
    source: troubleshooting,
  },
  {
    status: [403],
    codes: /^ForbiddenBy(Firewall|Connection)$/,
    code: "SecretForbidden",
    says: "The vault's network rules block the app.",
    source: errors,
  },
  {
    status: [403],
    code: "SecretForbidden",
    says: "The app's identity needs the role Key Vault Secrets User on the vault.",
    source: errors,
  },
  { status: [401], later: "unauthorized", code: "SecretForbidden", says: "The vault does not accept the app's token.", source: errors },
  { status: [429], later: "transient", code: "ServiceUnavailable", says: "The vault has too many requests.", source: errors },
  {
    status: [408, 500, 502, 503, 504],
    later: "transient",
    code: "ServiceUnavailable",
    says: "The vault is not available now.",
    source: errors,
  },
];

const unknownServerError = { later: "transient", code: "ServiceUnavailable", says: "The vault is not available now." } as const;
const unknownResponse = {
  later: undefined,
  code: "SecretForbidden",
  says: "The response is unexpected: check that the host is a Key Vault.",
} as const;

/**
 * Returns the problem of an error response, or when to try again. Only the codes of the response
 * are quoted, because its text may contain secrets.
 */
export function classifySecretError(secret: SecretUri, response: ArmResponse): Settled<never> {
  const codes = errorCodes(armErrorOf(response)).filter((code) => /^[A-Z][A-Za-z]{2,63}$/.test(code));
  const fits = ({ status, codes: expected }: Rule) =>
    status.includes(response.status) && (expected === undefined || codes.some((code) => expected.test(code)));
  const { code, later, says } = rules.find(fits) ?? (response.status >= 500 ? unknownServerError : unknownResponse);
  const because = problem(
    code,
    `Key Vault refused to give ${describeSecret(secret)} (HTTP ${[response.status, ...codes].join(", ")}). ${says}`,
  );
  if (!later) return { problem: because };
  const afterSeconds = waitOf(response);
  return { later: { class: later, problem: because, ...(afterSeconds === undefined ? {} : { afterSeconds }) } };
}

/**
 * Returns the result for a call without a readable response. The error's text may quote the
 * response, so only its code or name is used.
 */
export function classifyMissingSecret(secret: SecretUri, error: unknown): Settled<never> {
  const failure = error instanceof Error ? error : new Error();
  if (/^The challenge /.test(failure.message)) {
    const message = `The host of ${describeSecret(secret)} is not a Key Vault: it wants a token for another service.`;
    return { problem: problem("SecretForbidden", message) };
  }
  const code = "code" in failure && typeof failure.code === "string" ? failure.code : failure.name;
  const message = `Reading ${describeSecret(secret)} failed: there was no token, no response, or no secret in it (${code}).`;
  return { later: { class: "transient", problem: problem("ServiceUnavailable", message) } };
}

/** The attributes of a secret that decide whether it may be used. */
export interface SecretProperties {
  readonly enabled?: boolean | undefined;
  readonly notBefore?: Date | undefined;
  readonly expiresOn?: Date | undefined;
}

/**
 * Returns why a secret must not be used; undefined if it may be used. Key Vault also returns
 * secrets that have expired or are not valid yet
 * (https://learn.microsoft.com/en-us/azure/key-vault/secrets/about-secrets#date-time-controlled-operations).
 */
export function findSecretFault(secret: SecretUri, properties: SecretProperties, now: number): Settled<never> | undefined {
  const fault = faultOf(properties, now);
  if (!fault) return undefined;
  const message = `The secret ${secretName(secret)} ${fault}.`;
  return { problem: problem("SecretUnusable", message) };
}

function faultOf({ enabled, notBefore, expiresOn }: SecretProperties, now: number): string | undefined {
  if (enabled === false) return "is disabled";
  if (notBefore && notBefore.getTime() > now) return `is not valid before ${notBefore.toISOString()}`;
  if (expiresOn && expiresOn.getTime() <= now) return `expired at ${expiresOn.toISOString()}`;
  return undefined;
}

function describeSecret(secret: SecretUri): string {
  return `the secret ${secretName(secret)}`;
}

function secretName({ host, name, version }: SecretUri): string {
  return `${name}${version === null ? "" : ` (version ${version})`} of ${host}`;
}
