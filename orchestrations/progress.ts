import type { ConnectionInput } from "../functions/connection-input.ts";
import type { PutConnectionResult as Submission } from "../functions/put-connection.ts";
import type { ValidatedRequest } from "../functions/validate-request.ts";
import type { Timing } from "../shared/contract/completion.ts";
import type { ProvisioningRequest } from "../shared/contract/request.ts";
import type { Finding } from "../shared/finding.ts";
import type { Attempt } from "../shared/settled.ts";
import { now, type OrchestrationContext } from "./durable.ts";
import type { Patience } from "./proxy-activities.ts";

const MINUTE_MS = 60_000;

/** What one instance has gone through so far: rebuilt by every replay, told in the completion and, in short, in the custom status. */
export interface Progress extends Patience {
  readonly timing: Timing;
  readonly attempts: readonly (Attempt & { at: string })[];
  readonly warnings: Finding[];
  /** Known once the request is valid. */
  connection: ConnectionInput | null;
  operationId: string | null;
  /** The last state seen in Azure. */
  armState: string | null;
  /** A change that Azure may be working on; null before it is submitted and when its end was seen. */
  running: { readonly operationUrl: string | null } | null;
  /** Connections of the gateway that a former holder of its lease may have left in the middle of a change. */
  unsettled: readonly string[];
  /** Somebody wanted the request stopped before it began. */
  cancelled: boolean;
  /** The request is valid: its warnings and limits hold from here on. */
  validated(request: ValidatedRequest): ValidatedRequest;
  /** Others have the gateway first; 1 is next. */
  waiting(position: number): void;
  /** The gateway is this request's alone. */
  leaseGranted(): void;
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
  let { deadlineMinutes } = request.policy;
  const show = (step: string, more: object = {}) => context.df.setCustomStatus({ step, at: time(), requestId: request.requestId, ...more });
  const progress: Progress = {
    budgets: request.policy.budgets,
    deadlineCode: "QueueDeadlineExceeded",
    timing,
    attempts,
    warnings: [],
    connection: null,
    operationId: null,
    armState: null,
    deadlineAt: now(context) + request.policy.queueDeadlineMinutes * MINUTE_MS,
    running: null,
    unsettled: [],
    answered: false,
    cancelled: false,
    record(made) {
      attempts.push(...made.map((attempt) => ({ at: time(), ...attempt })));
      const put = made.findLast(({ action }) => action === "put");
      // Azure may have carried out a PUT whose answer got lost.
      if (put) progress.running = put.status === null || put.status >= 500 ? { operationUrl: null } : null;
    },
    validated(valid) {
      progress.connection = valid.connection;
      progress.warnings.push(...valid.warnings);
      progress.deadlineAt = now(context) + (valid.queueDeadlineMinutes ?? request.policy.queueDeadlineMinutes) * MINUTE_MS;
      deadlineMinutes = valid.deadlineMinutes ?? deadlineMinutes;
      show("validated", { warnings: valid.warnings.length });
      return valid;
    },
    waiting: (position) => show("waiting", { position }),
    leaseGranted() {
      timing.leaseGrantedAt = time();
      progress.deadlineAt = now(context) + deadlineMinutes * MINUTE_MS;
      progress.deadlineCode = "OperationDeadlineExceeded";
      show("leaseGranted");
    },
    submitted(operation) {
      progress.warnings.push(...operation.warnings);
      progress.armState = operation.armState;
      progress.running = operation.status === "running" ? { operationUrl: operation.operationUrl } : null;
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
      progress.running = null;
      show("verified");
      return resource;
    },
  };
  return progress;
}
