import type { PutConnectionResult as Submission } from "../functions/put-connection.ts";
import type { ValidatedRequest } from "../functions/validate-request.ts";
import type { Timing } from "../shared/contract/completion.ts";
import type { ProvisioningRequest } from "../shared/contract/request.ts";
import type { Finding } from "../shared/finding.ts";
import type { Policy } from "../shared/policy.ts";
import type { Target } from "../shared/resource-id.ts";
import type { Attempt } from "../shared/settled.ts";
import { now, type OrchestrationContext } from "./durable.ts";

const MINUTE_MS = 60_000;

/** What one instance has gone through so far: rebuilt by every replay, told in the completion and, in short, in the custom status. */
export interface Progress {
  readonly policy: Policy;
  readonly timing: Timing;
  readonly attempts: readonly (Attempt & { at: string })[];
  readonly warnings: Finding[];
  /** Known once the request is valid. */
  target: Target | null;
  operationId: string | null;
  /** The last state seen in Azure. */
  armState: string | null;
  /** When the change must be over, in milliseconds since the Unix epoch. */
  deadlineAt: number;
  /** Notes what Resource Manager answered. */
  record(attempts: readonly Attempt[]): void;
  /** The request is valid: its warnings and deadline hold from here on. */
  validated(request: ValidatedRequest): ValidatedRequest;
  /** The change was handed to Azure, or found done already. */
  submitted(operation: Submission): Submission;
  /** Azure was asked once more, or the wait before that begins. */
  polling(waitSeconds: number): void;
  /** Azure has finished. */
  provisioned(): void;
  /** The final connection was read. */
  verified(resource: unknown): unknown;
}

/** Opens the progress of an instance at the time of its first episode. */
export function openProgress(context: OrchestrationContext, request: ProvisioningRequest): Progress {
  const time = () => context.df.currentUtcDateTime.toISOString();
  const timing: Timing = {
    receivedAt: request.receivedAt,
    startedAt: time(),
    leaseGrantedAt: null,
    submittedAt: null,
    provisionedAt: null,
    completedAt: time(),
    polls: 0,
  };
  const attempts: (Attempt & { at: string })[] = [];
  const show = (step: string, more: object = {}) => context.df.setCustomStatus({ step, at: time(), requestId: request.requestId, ...more });
  const progress: Progress = {
    policy: request.policy,
    timing,
    attempts,
    warnings: [],
    target: null,
    operationId: null,
    armState: null,
    deadlineAt: now(context) + request.policy.deadlineMinutes * MINUTE_MS,
    record: (made) => attempts.push(...made.map((attempt) => ({ at: time(), ...attempt }))),
    validated(valid) {
      progress.target = valid.connection.target;
      progress.warnings.push(...valid.warnings);
      progress.deadlineAt = now(context) + (valid.deadlineMinutes ?? request.policy.deadlineMinutes) * MINUTE_MS;
      show("validated", { warnings: valid.warnings.length });
      return valid;
    },
    submitted(operation) {
      progress.warnings.push(...operation.warnings);
      progress.armState = operation.armState;
      if (operation.status === "notNeeded") return operation;
      progress.operationId = operation.operationId;
      timing.submittedAt = time();
      show("submitted");
      // An operation that was found running began with an answer that got lost: if nothing was there before, it creates.
      const created = attempts.some(({ action, status }) => action === "get" && status === 404);
      return { ...operation, change: created ? "Created" : operation.change };
    },
    polling: (waitSeconds) => show("polling", { polls: timing.polls, waitSeconds }),
    provisioned() {
      timing.provisionedAt = time();
      show("provisioned");
    },
    verified(resource) {
      show("verified");
      return resource;
    },
  };
  return progress;
}
