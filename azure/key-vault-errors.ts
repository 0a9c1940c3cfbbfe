import { errorCodes } from "../shared/arm/error-tree.ts";
import { type ArmResponse, armErrorOf, waitOf } from "../shared/arm/response.ts";
import { type ProblemCode, problem } from "../shared/contract/problem.ts";
import type { LaterClass, Settled } from "../shared/durable/settled.ts";
import type { SecretUri } from "../shared/secrets/secret-uri.ts";

interface Rule {
  readonly status: readonly number[];
  /** Codes of the error or of the one inside it, where the status alone does not tell. */
  readonly codes?: RegExp;
  /** Try again, within the budget of this class; a rule without it is final. */
  readonly later?: LaterClass;
  readonly code: ProblemCode;
  readonly says: string;
  readonly source: string;
}

const errors = "https://learn.microsoft.com/en-us/azure/key-vault/general/rest-error-codes";
const troubleshooting = "https://github.com/Azure/azure-sdk-for-js/issues/24756";

/** What an error answer of Key Vault means; the first rule that fits decides, and what fits none needs the operator. */
const rules: readonly Rule[] = [
  { status: [400, 404, 410], code: "SecretUnusable", says: "There is no such secret, or no such version of it.", source: errors },
  {
    status: [403],
    codes: /^Secret(Disabled|Expired|NotYetValid)$/,
    code: "SecretUnusable",
    says: "It is disabled, or outside its time.",
    source: troubleshooting,
  },
  {
    status: [403],
    codes: /^ForbiddenBy(Firewall|Connection)$/,
    code: "SecretForbidden",
    says: "The vault's network rules keep the app out.",
    source: errors,
  },
  {
    status: [403],
    code: "SecretForbidden",
    says: "The app's identity needs the right to get the vault's secrets, as the role Key Vault Secrets User gives it.",
    source: errors,
  },
  { status: [401], later: "unauthorized", code: "SecretForbidden", says: "The vault does not accept the app's token.", source: errors },
  { status: [429], later: "transient", code: "ServiceUnavailable", says: "The vault is throttled.", source: errors },
  {
    status: [408, 500, 502, 503, 504],
    later: "transient",
    code: "ServiceUnavailable",
    says: "The vault is not available.",
    source: errors,
  },
];

const unknownServerError = { later: "transient", code: "ServiceUnavailable", says: "The vault is not available." } as const;
const unknown = {
  later: undefined,
  code: "SecretForbidden",
  says: "No vault is known to answer like that; the operator must see what the host is.",
} as const;

/** Classifies an answer that is not a success. Of the service's own words only the codes are kept: nobody knows what else an error repeats. */
export function secretRefusalOf(secret: SecretUri, response: ArmResponse): Settled<never> {
  const codes = errorCodes(armErrorOf(response)).filter((code) => /^[A-Z][A-Za-z]{2,63}$/.test(code));
  const fits = ({ status, codes: expected }: Rule) =>
    status.includes(response.status) && (expected === undefined || codes.some((code) => expected.test(code)));
  const { code, later, says } = rules.find(fits) ?? (response.status >= 500 ? unknownServerError : unknown);
  const because = problem(
    code,
    `Key Vault did not give ${describeSecret(secret)} (HTTP ${[response.status, ...codes].join(", ")}). ${says}`,
  );
  if (!later) return { problem: because };
  const afterSeconds = waitOf(response);
  return { later: { class: later, problem: because, ...(afterSeconds === undefined ? {} : { afterSeconds }) } };
}

/** A call that brought no answer, or none that can be read. The error's text may quote what came, so only its name is told. */
export function noSecretResultOf(secret: SecretUri, error: unknown): Settled<never> {
  const said = error instanceof Error ? error : new Error();
  if (/^The challenge /.test(said.message)) {
    const message = `Key Vault did not give ${describeSecret(secret)}: the host asks for the token of another service, which it does not get. It is no vault.`;
    return { problem: problem("SecretForbidden", message) };
  }
  const code = "code" in said && typeof said.code === "string" ? said.code : said.name;
  const message = `Key Vault did not give ${describeSecret(secret)}: the app got no token, no answer, or none that is a secret (${code}).`;
  return { later: { class: "transient", problem: problem("ServiceUnavailable", message) } };
}

/** What the service says of a secret beside its value. */
export interface SecretProperties {
  readonly enabled?: boolean | undefined;
  readonly notBefore?: Date | undefined;
  readonly expiresOn?: Date | undefined;
}

/**
 * Why a secret that was given may not be used; nothing when it may. The service gives expired secrets and those of a later time to whoever asks
 * (https://learn.microsoft.com/en-us/azure/key-vault/secrets/about-secrets#date-time-controlled-operations).
 */
export function findSecretFault(
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
  const message = `In Key Vault ${describeSecret(secret)} ${fault}.`;
  return { problem: problem("SecretUnusable", message) };
}

function describeSecret({ host, name, version }: SecretUri): string {
  return `the secret ${name}${version === null ? "" : ` in version ${version}`} of ${host}`;
}
