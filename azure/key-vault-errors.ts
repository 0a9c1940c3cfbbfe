import { errorCodes } from "../shared/arm/error-tree.ts";
import { type ArmResponse, armErrorOf, waitOf } from "../shared/arm/response.ts";
import { type ProblemCode, problem } from "../shared/contract/problem.ts";
import type { LaterClass, Settled } from "../shared/durable/settled.ts";
import type { SecretUri } from "../shared/secrets/secret-uri.ts";

interface Rule {
  readonly status: readonly number[];
  /** Codes of the error or of the one inside it, if the status alone is not enough. */
  readonly codes?: RegExp;
  /** The class of a retry. A rule without it is final. */
  readonly later?: LaterClass;
  readonly code: ProblemCode;
  readonly says: string;
  readonly source: string;
}

const errors = "https://learn.microsoft.com/en-us/azure/key-vault/general/rest-error-codes";
const troubleshooting = "https://github.com/Azure/azure-sdk-for-js/issues/24756";

/**
 * What an error of Key Vault means. The first rule that matches decides. If none matches, the
 * operator must act.
 */
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
const unknown = {
  later: undefined,
  code: "SecretForbidden",
  says: "The response is unexpected: check that the host is a Key Vault.",
} as const;

/**
 * Classifies a response that is not a success. Only codes are kept of its text, which may repeat
 * anything.
 */
export function classifySecretError(secret: SecretUri, response: ArmResponse): Settled<never> {
  const codes = errorCodes(armErrorOf(response)).filter((code) => /^[A-Z][A-Za-z]{2,63}$/.test(code));
  const fits = ({ status, codes: expected }: Rule) =>
    status.includes(response.status) && (expected === undefined || codes.some((code) => expected.test(code)));
  const { code, later, says } = rules.find(fits) ?? (response.status >= 500 ? unknownServerError : unknown);
  const because = problem(
    code,
    `Key Vault refused to give ${describeSecret(secret)} (HTTP ${[response.status, ...codes].join(", ")}). ${says}`,
  );
  if (!later) return { problem: because };
  const afterSeconds = waitOf(response);
  return { later: { class: later, problem: because, ...(afterSeconds === undefined ? {} : { afterSeconds }) } };
}

/**
 * Classifies a call without a usable response. Only the error's name is kept, because its text may
 * quote the response.
 */
export function classifyMissingSecret(secret: SecretUri, error: unknown): Settled<never> {
  const said = error instanceof Error ? error : new Error();
  if (/^The challenge /.test(said.message)) {
    const message = `The host of ${describeSecret(secret)} is not a Key Vault: it wants a token for another service.`;
    return { problem: problem("SecretForbidden", message) };
  }
  const code = "code" in said && typeof said.code === "string" ? said.code : said.name;
  const message = `Reading ${describeSecret(secret)} failed: there was no token, no response, or no secret in it (${code}).`;
  return { later: { class: "transient", problem: problem("ServiceUnavailable", message) } };
}

/** The properties of a secret. */
export interface SecretProperties {
  readonly enabled?: boolean | undefined;
  readonly notBefore?: Date | undefined;
  readonly expiresOn?: Date | undefined;
}

/**
 * Returns why a secret may not be used; nothing if it may. The service returns expired secrets too,
 * and those that are not valid yet
 * (https://learn.microsoft.com/en-us/azure/key-vault/secrets/about-secrets#date-time-controlled-operations).
 */
export function refuseUnusable(
  secret: SecretUri,
  { enabled, notBefore, expiresOn }: SecretProperties,
  now: number,
): Settled<never> | undefined {
  const fault =
    enabled === false
      ? "is disabled"
      : notBefore && notBefore.getTime() > now
        ? `is not valid before ${notBefore.toISOString()}`
        : expiresOn && expiresOn.getTime() <= now
          ? `expired at ${expiresOn.toISOString()}`
          : undefined;
  if (!fault) return undefined;
  const message = `The secret ${secretName(secret)} ${fault}.`;
  return { problem: problem("SecretUnusable", message) };
}

function describeSecret(secret: SecretUri): string {
  return `the secret ${secretName(secret)}`;
}

function secretName({ host, name, version }: SecretUri): string {
  return `${name}${version === null ? "" : ` (version ${version})`} of ${host}`;
}
