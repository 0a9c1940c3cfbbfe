import type { PlanConnectionResult } from "../functions/activities/plan-connection.ts";
import type { ValidatedRequest } from "../functions/activities/validate-request.ts";
import type { ConnectionInput } from "../functions/connection-input.ts";
import type { Diff, Timing } from "../shared/contract/completion.ts";
import type { Finding } from "../shared/contract/finding.ts";
import type { ProblemCode } from "../shared/contract/problem.ts";
import type { ProvisioningRequest } from "../shared/durable/request.ts";
import type { Attempt } from "../shared/durable/settled.ts";
import type { Provisioned } from "./completion-of.ts";
import { now, type OrchestrationContext } from "./durable.ts";
import type { Patience } from "./proxy-activities.ts";
import type { Submission } from "./submit.ts";

const MINUTE_MS = 60_000;
/** The problems by which Azure itself says that the change is over, and the state it is in then; after any other one it may still be working. */
const over: Partial<Record<ProblemCode, string | null>> = {
  OperationFailed: "Failed",
  OperationCanceled: "Canceled",
  ProvisioningFailed: "Failed",
  ResourceVanished: null,
};

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
  /** A PUT may have reached Azure, or everything was found as wanted: older requests for the connection come too late. */
  mayHaveChanged: boolean;
  /** Connections of the gateway that may be in the middle of a change that nobody watches: left so by a former holder of its lease, or by a killed host. */
  unsettled: readonly string[];
  /** Azure gave the operation up for another one: what the connection is then must be compared. */
  superseded: boolean;
  /** What the change does, property by property. */
  diff: Diff;
  /** Somebody wanted the request stopped before it began. */
  cancelled: boolean;
  /** The answer is on its way; shown if no other step was. */
  answering(): void;
  /** The request is valid: its warnings and limits hold from here on. */
  validated(request: ValidatedRequest): ValidatedRequest;
  /** Others have the gateway first; 1 is next. The instance that has it may be suspended. */
  waiting(position: number, suspendedHolder: string | null): void;
  /** The lease is this request's; a connection that a former holder was changing has not settled yet. */
  settling(connection: string): void;
  /** The gateway is this request's alone. */
  leaseGranted(): void;
  /** It was found out what the request would do. */
  planned(plan: PlanConnectionResult): Provisioned;
  /** The change was handed to Azure, or found done already. */
  submitted<Done extends Submission>(operation: Done): Done;
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
  let shown = false;
  const show = (step: string, more: object = {}) => {
    shown = true;
    context.df.setCustomStatus({ step, at: time(), requestId: request.requestId, ...more });
  };
  const progress: Progress = {
    budgets: request.policy.budgets,
    timersFireEarlySeconds: request.policy.timersFireEarlySeconds,
    deadlineCode: "QueueDeadlineExceeded",
    timing,
    attempts,
    warnings: [],
    connection: null,
    operationId: null,
    armState: null,
    deadlineAt: now(context) + request.policy.queueDeadlineMinutes * MINUTE_MS,
    running: null,
    mayHaveChanged: false,
    unsettled: [],
    notBefore: 0,
    answered: false,
    superseded: false,
    diff: null,
    tries: {},
    cancelled: false,
    concluded(code) {
      const armState = over[code];
      if (armState === undefined) return;
      progress.running = null;
      progress.armState = armState;
    },
    record(made) {
      // An instance that shows no step has not come to the end of its first one: the sweep ends it after some time.
      if (!shown) show("begun");
      attempts.push(...made.map((attempt) => ({ at: time(), ...attempt })));
      const put = made.findLast(({ action }) => action === "put");
      // Azure may have carried out a PUT whose answer got lost, or could not be read.
      if (put) progress.running = isRefusal(put.status) ? null : { operationUrl: null };
      if (made.some(({ action, status }) => action === "put" && !isRefusal(status))) progress.mayHaveChanged = true;
      const seen = made.some(({ action, status }) => action === "get" && (status === 200 || status === 404));
      if (seen && timing.leaseGrantedAt !== null) progress.unsettled = [];
    },
    answering() {
      if (!shown) show("answering");
    },
    validated(valid) {
      progress.connection = valid.connection;
      progress.warnings.push(...valid.warnings);
      progress.deadlineAt = now(context) + (valid.queueDeadlineMinutes ?? request.policy.queueDeadlineMinutes) * MINUTE_MS;
      deadlineMinutes = valid.deadlineMinutes ?? deadlineMinutes;
      show("validated", { warnings: valid.warnings.length });
      return valid;
    },
    waiting: (position, suspendedHolder) => show("waiting", { position, ...(suspendedHolder === null ? {} : { suspendedHolder }) }),
    settling: (connection) => show("settling", { connection }),
    leaseGranted() {
      timing.leaseGrantedAt = time();
      progress.deadlineAt = now(context) + deadlineMinutes * MINUTE_MS;
      progress.deadlineCode = "OperationDeadlineExceeded";
      // Until a read shows how the connection is, a host that was killed may have left a PUT behind.
      if (progress.connection) progress.unsettled = [progress.connection.target.connectionName];
      show("leaseGranted");
    },
    planned({ change, diff, resource, armState }) {
      progress.diff = diff;
      progress.armState = armState;
      show("planned");
      return { outcome: "Planned", change, resource };
    },
    submitted(operation) {
      progress.armState = operation.armState;
      progress.unsettled = [];
      progress.mayHaveChanged = true;
      if (operation.status === "notNeeded") {
        progress.running = null;
        return operation;
      }
      progress.warnings.push(...operation.warnings);
      progress.diff = operation.change === "Updated" ? operation.diff : null;
      progress.running = { operationUrl: operation.status === "running" ? operation.operationUrl : null };
      progress.operationId = operation.status === "running" ? operation.operationId : null;
      // Keys that came from Key Vault must not come back out of later steps either.
      if (progress.connection) progress.connection = { ...progress.connection, sealed: operation.sealed };
      timing.submittedAt = time();
      show("submitted");
      return operation;
    },
    polling: (waitSeconds) => show("polling", { polls: timing.polls, waitSeconds }),
    provisioned() {
      timing.provisionedAt = time();
      // Only the connection itself can say from now on that Azure is done.
      progress.running = { operationUrl: null };
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

function isRefusal(status: number | null): boolean {
  return status !== null && status >= 300 && status < 500 && status !== 408;
}
