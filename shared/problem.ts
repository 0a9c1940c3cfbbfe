import type { Finding } from "./finding.ts";

/** Who must act before the same request can succeed: `nobody` when time alone will do. */
export type Actor = "requester" | "operator" | "nobody";

/** What Resource Manager itself said, kept word for word. */
export interface ArmError {
  readonly status: number | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly details: readonly unknown[];
}

/** Why a request did not succeed. */
export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly target?: string;
  readonly retryable: boolean;
  readonly actor: Actor;
  readonly details: readonly Finding[];
  readonly arm?: ArmError;
}

/** Every problem code of the contract, with who must act and whether the same request, sent again under a new id, may succeed. */
export const problemCodes = {
  InvalidRequest: { actor: "requester", retryable: false },
  UnreadableMessage: { actor: "requester", retryable: false },
  UnsupportedVersion: { actor: "requester", retryable: false },
  NotSupported: { actor: "requester", retryable: false },
  RequestIdConflict: { actor: "requester", retryable: false },
  RequestRefused: { actor: "requester", retryable: false },
  NotAuthorized: { actor: "operator", retryable: false },
  NotFound: { actor: "requester", retryable: false },
  GatewayBusy: { actor: "nobody", retryable: true },
  ServiceUnavailable: { actor: "nobody", retryable: true },
  OperationFailed: { actor: "requester", retryable: false },
  OperationCanceled: { actor: "operator", retryable: true },
  OperationDeadlineExceeded: { actor: "operator", retryable: true },
  ProvisioningFailed: { actor: "operator", retryable: true },
  ResourceVanished: { actor: "operator", retryable: true },
  InternalError: { actor: "operator", retryable: true },
} as const satisfies Record<string, { actor: Actor; retryable: boolean }>;

/** A stable code that requesters may branch on. */
export type ProblemCode = keyof typeof problemCodes;

/** Whether a problem means that the request was never begun: outcome Rejected, not Failed. */
export function rejects(code: ProblemCode): boolean {
  return ["InvalidRequest", "UnreadableMessage", "UnsupportedVersion", "NotSupported", "RequestIdConflict"].includes(code);
}

/** Makes a problem; actor and retryability come from the table of codes. */
export function problem(code: ProblemCode, message: string, more: Partial<Pick<Problem, "target" | "details" | "arm">> = {}): Problem {
  const { actor, retryable } = problemCodes[code];
  return { code, message, retryable, actor, details: [], ...more };
}

/** The end of a request for a stated reason: thrown inside the orchestration only, never across an activity's boundary. */
export class ProvisioningError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.message);
    this.name = "ProvisioningError";
    this.problem = problem;
  }
}
