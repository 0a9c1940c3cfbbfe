import type { Problem } from "../shared/contract/problem.ts";

/**
 * Ends a request for a stated reason. It never leaves the orchestration: activities return their
 * problems.
 */
export class ProvisioningError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.message);
    this.name = "ProvisioningError";
    this.problem = problem;
  }
}
