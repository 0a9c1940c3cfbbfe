import type { Finding } from "./finding.ts";
import { type Problem, problem } from "./problem.ts";

/**
 * Makes the problem of a request or a cancellation that breaks the contract. It quotes the first
 * error.
 */
export function invalidity(what: "request" | "cancellation", findings: readonly Finding[]): Problem {
  const errors = findings.filter(({ severity }) => severity === "error");
  const isCut = findings.some(({ code }) => code === "Truncated");
  const count = `${isCut ? "at least " : ""}${errors.length}`;
  const first = errors[0]?.message ?? "";
  const message =
    errors.length === 1 && !isCut ? `The ${what} has 1 error. ${first}` : `The ${what} has ${count} errors; the first: ${first}`;
  return problem("InvalidRequest", message, { details: findings });
}
