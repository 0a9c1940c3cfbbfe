import { boundedOrNull, boundedText, boundedTree } from "./bounded.ts";
import type { CompletionData } from "./completion.ts";
import type { Finding } from "./finding.ts";
import type { ArmError, Problem } from "./problem.ts";

/** The longest texts of an event, in characters. A valid id or source has 128 characters, which may be 256 units of UTF-16. */
const longest = { id: 256, code: 128, word: 200, target: 512, source: 300, message: 2_000, armMessage: 4_000 } as const;

/** Cuts every text and every tree of a completion's data to its bound. Lists keep their length, and the resource stays as Azure gave it. */
export function boundedData(data: CompletionData): CompletionData {
  const { arm } = data;
  return {
    ...data,
    requestId: boundedText(data.requestId, longest.id),
    requestSource: boundedText(data.requestSource, longest.id),
    problem: data.problem && boundedProblem(data.problem),
    warnings: data.warnings.map(boundedFinding),
    diff:
      data.diff?.map((difference) => ({
        ...difference,
        target: boundedText(difference.target, longest.target),
        before: boundedTree(difference.before),
        after: boundedTree(difference.after),
      })) ?? null,
    armState: boundedOrNull(data.armState, longest.word),
    arm: {
      correlationRequestId: boundedText(arm.correlationRequestId, longest.word),
      operationId: boundedOrNull(arm.operationId, longest.word),
      attempts: arm.attempts.map((attempt) => ({ ...attempt, code: boundedOrNull(attempt.code, longest.code) })),
    },
  };
}

function boundedProblem(problem: Problem): Problem {
  return {
    ...problem,
    message: boundedText(problem.message, longest.message),
    ...(problem.target === undefined ? {} : { target: boundedText(problem.target, longest.target) }),
    details: problem.details.map(boundedFinding),
    ...(problem.arm ? { arm: boundedArm(problem.arm) } : {}),
  };
}

function boundedArm(arm: ArmError): ArmError {
  const { status, code, message, details, target, innererror, additionalInfo } = arm;
  return {
    status,
    code: boundedOrNull(code, longest.code),
    message: boundedOrNull(message, longest.armMessage),
    details: boundedTree(details) as readonly unknown[],
    ...(target === undefined ? {} : { target: boundedText(target, longest.target) }),
    ...(innererror === undefined ? {} : { innererror: boundedTree(innererror) }),
    ...(additionalInfo === undefined ? {} : { additionalInfo: boundedTree(additionalInfo) }),
  };
}

function boundedFinding(finding: Finding): Finding {
  return {
    ...finding,
    code: boundedText(finding.code, longest.code),
    message: boundedText(finding.message, longest.message),
    target: boundedText(finding.target, longest.target),
    ...(finding.source === undefined ? {} : { source: boundedText(finding.source, longest.source) }),
  };
}
