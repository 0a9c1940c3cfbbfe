import type { ConnectionInput, PlanConnectionResult, Submission, ValidatedRequest } from "../shared/durable/activities.ts";
import type { ProvisioningRequest } from "../shared/durable/request.ts";
import { type AzureState, openAzureState } from "./azure-state.ts";
import { type CompletionRecord, openRecord } from "./completion-record.ts";
import type { OrchestrationContext } from "./durable.ts";
import { openRetries, type Retries } from "./retries.ts";
import { openSteps, type Steps } from "./steps.ts";

/** One running request: its activities, and what it has learnt so far. Every replay builds it anew. */
export interface Instance {
  readonly context: OrchestrationContext;
  readonly steps: Steps;
  readonly retries: Retries;
  readonly azure: AzureState;
  readonly record: CompletionRecord;
  /** Known once the request is valid. */
  readonly connection: ConnectionInput | null;
  /** The request is valid: its warnings and limits hold from now on. */
  validated(request: ValidatedRequest): ValidatedRequest;
  /** The gateway is this request's alone. */
  leaseGranted(): void;
  /** What the request would do is known. */
  planned(plan: PlanConnectionResult): void;
  /** The change was sent to Azure, or was not needed. */
  submitted<Done extends Submission>(submission: Done): Done;
  /** Azure has finished. */
  provisioned(): void;
  /** The final connection was read. */
  verified(): void;
  /** The outcome is known. */
  answering(): void;
}

/** Opens an instance at its first episode. */
export function openInstance(context: OrchestrationContext, request: ProvisioningRequest): Instance {
  const retries = openRetries(context, request.policy);
  const azure = openAzureState();
  const record = openRecord(context, request);
  let connection: ConnectionInput | null = null;
  let { deadlineMinutes } = request.policy;
  const steps = openSteps(context, retries, {
    exchanged(attempts) {
      // The sweep ends an instance that shows no step, because its first activity seems to kill the host.
      record.showFirst("begun");
      record.addAttempts(attempts);
      azure.exchanged(attempts);
    },
    concluded: azure.concluded,
  });
  return {
    context,
    steps,
    retries,
    azure,
    record,
    get connection() {
      return connection;
    },
    validated(valid) {
      connection = valid.connection;
      record.addWarnings(valid.warnings);
      retries.limitQueueing(valid.queueDeadlineMinutes ?? request.policy.queueDeadlineMinutes);
      deadlineMinutes = valid.deadlineMinutes ?? deadlineMinutes;
      record.show("validated", { warnings: valid.warnings.length });
      return valid;
    },
    leaseGranted() {
      record.stamp("leaseGrantedAt");
      retries.limitChange(deadlineMinutes);
      azure.leaseGranted(connection?.target.connectionName);
      record.show("leaseGranted");
    },
    planned({ diff, armState }) {
      record.setDiff(diff);
      azure.seen(armState);
      record.show("planned");
    },
    submitted(submission) {
      azure.submitted(submission);
      if (submission.status === "notNeeded") return submission;
      record.addWarnings(submission.warnings);
      record.setDiff(submission.change === "Updated" ? submission.diff : null);
      // Keys that came from Key Vault must not come back out of later steps either.
      if (connection) connection = { ...connection, sealed: submission.sealed };
      record.stamp("submittedAt");
      record.show("submitted");
      return submission;
    },
    provisioned() {
      record.stamp("provisionedAt");
      record.show("provisioned");
    },
    verified() {
      azure.ended();
      record.show("verified");
    },
    answering() {
      retries.endCancellation();
      record.showFirst("answering");
    },
  };
}
