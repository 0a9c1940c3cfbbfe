import { cutText, cutTextOrNull, cutTree, treeOfRequest } from "./bounded.ts";
import type { CompletionData } from "./completion.ts";
import type { Finding } from "./finding.ts";
import type { ArmError, Problem } from "./problem.ts";

/**
 * The longest texts of an event, in characters. A valid id or source has 128 characters, which may
 * be 256 units of UTF-16.
 */
const longest = { id: 256, code: 128, word: 200, target: 512, source: 300, message: 2_000, armMessage: 4_000 } as const;

type Attempt = CompletionData["arm"]["attempts"][number];

/**
 * Cuts every text and every tree of a completion's data to its bound. Lists keep their length, and
 * the resource is not changed.
 */
export function cutData(data: CompletionData): CompletionData {
  const { arm } = data;
  return {
    ...data,
    requestId: cutText(data.requestId, longest.id),
    requestSource: cutText(data.requestSource, longest.id),
    problem: data.problem && cutProblem(data.problem),
    warnings: data.warnings.map(cutFinding),
    diff:
      data.diff?.map((difference) => ({
        ...difference,
        target: cutText(difference.target, longest.target),
        before: cutTree(difference.before),
        after: cutTree(difference.after, treeOfRequest),
      })) ?? null,
    armState: cutTextOrNull(data.armState, longest.word),
    arm: {
      correlationRequestId: cutText(arm.correlationRequestId, longest.word),
      operationId: cutTextOrNull(arm.operationId, longest.word),
      attempts: arm.attempts.map(cutAttempt),
    },
  };
}

function cutAttempt({ remembered, ...attempt }: Attempt): Attempt {
  return {
    ...attempt,
    code: cutTextOrNull(attempt.code, longest.code),
    ...(remembered ? { remembered: { ...remembered, resourceId: cutText(remembered.resourceId, longest.target) } } : {}),
  };
}

function cutProblem(problem: Problem): Problem {
  return {
    ...problem,
    message: cutText(problem.message, longest.message),
    ...(problem.target === undefined ? {} : { target: cutText(problem.target, longest.target) }),
    details: problem.details.map(cutFinding),
    ...(problem.arm ? { arm: cutArmError(problem.arm) } : {}),
  };
}

function cutArmError(arm: ArmError): ArmError {
  const { status, code, message, details, target, innererror, additionalInfo } = arm;
  return {
    status,
    code: cutTextOrNull(code, longest.code),
    message: cutTextOrNull(message, longest.armMessage),
    details: cutTree(details) as readonly unknown[],
    ...(target === undefined ? {} : { target: cutText(target, longest.target) }),
    ...(innererror === undefined ? {} : { innererror: cutTree(innererror) }),
    ...(additionalInfo === undefined ? {} : { additionalInfo: cutTree(additionalInfo) }),
  };
}

function cutFinding(finding: Finding): Finding {
  return {
    ...finding,
    code: cutText(finding.code, longest.code),
    message: cutText(finding.message, longest.message),
    target: cutText(finding.target, longest.target),
    ...(finding.source === undefined ? {} : { source: cutText(finding.source, longest.source) }),
  };
}
