import type { Finding } from "./finding.ts";
import { type Actor, type ProblemCode, problemCodes } from "./problem-codes.ts";

export { type Actor, type ProblemCode, problemCodes };

/** The error of Resource Manager, word for word. */
export interface ArmError {
  readonly status: number | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly details: readonly unknown[];
  readonly target?: string | undefined;
  readonly innererror?: unknown;
  readonly additionalInfo?: unknown;
}

/** Why a request did not succeed. */
export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly target?: string | undefined;
  readonly retryable: boolean;
  readonly actor: Actor;
  readonly details: readonly Finding[];
  readonly arm?: ArmError | undefined;
}

const rejecting: readonly ProblemCode[] = [
  "InvalidRequest",
  "UnreadableMessage",
  "UnsupportedVersion",
  "SourceNotAllowed",
  "TargetNotAllowed",
  "RequestIdConflict",
  "Superseded",
  "SecretNotAllowed",
  "SecretUnusable",
  "RequestUnknown",
  "RequestFinished",
  "Undeliverable",
];

/** Returns the outcome that a problem leads to: Rejected if the request was never started. */
export function outcomeOf(code: ProblemCode): "Rejected" | "Cancelled" | "Failed" {
  if (code === "RequestCancelled") return "Cancelled";
  return rejecting.includes(code) ? "Rejected" : "Failed";
}

/** Makes a problem. Actor and retryability come from the table of codes. */
export function problem(code: ProblemCode, message: string, more: Partial<Pick<Problem, "target" | "details" | "arm">> = {}): Problem {
  const { actor, retryable } = problemCodes[code];
  return { code, message, retryable, actor, details: [], ...more };
}
