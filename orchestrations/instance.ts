import type { ConnectionInput, PlanConnectionResult, Submission, ValidatedRequest } from "../shared/durable/activities.ts";
import type { GivenKeys } from "../shared/durable/connection-keys.ts";
import type { ProvisioningRequest } from "../shared/durable/request.ts";
import { type AzureState, openAzureState } from "./azure-state.ts";
import { type CompletionRecord, openRecord } from "./completion-record.ts";
import type { OrchestrationContext } from "./durable.ts";
import { openRetries, type Retries } from "./retries.ts";
import { openSteps, type Steps } from "./steps.ts";

/** One running request: its activities and its state. Every replay builds it again. */
export interface Instance {
  readonly context: OrchestrationContext;
  readonly steps: Steps;
  readonly retries: Retries;
  readonly azure: AzureState;
  readonly record: CompletionRecord;
  /** Null until the request is validated. */
  readonly connection: ConnectionInput | null;
  /** Null until the request is validated. */
  readonly mode: ValidatedRequest["mode"] | null;
  /** Notes that the request is valid. Its deadlines apply from now on. */
  noteValidation(request: ValidatedRequest): ValidatedRequest;
  /** Notes that the request holds the lease of its gateway. */
  noteLease(): void;
  /** Notes what the request would change. */
  notePlan(plan: PlanConnectionResult): void;
  /** Notes that the change was sent to Azure, or was not needed. */
  noteSubmission<Done extends Submission>(submission: Done): Done;
  /** Notes that Azure has finished the operation. */
  noteOperationEnd(): void;
  /** Notes that the connection was read after the change, and which keys the change had. */
  noteVerification(given: GivenKeys): void;
  /** Notes that the outcome is known. */
  noteOutcome(): void;
}

/** Returns the state of an instance at its first episode. */
export function openInstance(context: OrchestrationContext, request: ProvisioningRequest): Instance {
  const retries = openRetries(context, request.policy);
  const azure = openAzureState();
  const record = openRecord(context, request);
  let connection: ConnectionInput | null = null;
  let mode: ValidatedRequest["mode"] | null = null;
  let { deadlineMinutes } = request.policy;
  const steps = openSteps(context, retries, {
    noteCalls(attempts) {
      // The sweep ends an instance that shows no step: it assumes that its first activity kills the
      // host.
      record.showFirst("begun");
      record.addAttempts(attempts);
      azure.noteCalls(attempts);
    },
    noteFinalProblem: azure.noteFinalProblem,
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
    get mode() {
      return mode;
    },
    noteValidation(valid) {
      ({ connection, mode } = valid);
      record.stamp("validatedAt");
      record.addWarnings(valid.warnings);
      retries.limitQueueing(valid.queueDeadlineMinutes ?? request.policy.queueDeadlineMinutes);
      deadlineMinutes = valid.deadlineMinutes ?? deadlineMinutes;
      record.show("validated", { warnings: valid.warnings.length });
      return valid;
    },
    noteLease() {
      record.stamp("leaseGrantedAt");
      retries.limitChange(deadlineMinutes);
      azure.noteLease(connection?.target.connectionName);
      record.show("leaseGranted");
    },
    notePlan({ diff, armState }) {
      record.setDiff(diff);
      azure.noteState(armState);
      record.show("planned");
    },
    noteSubmission(submission) {
      azure.noteSubmission(submission);
      if (submission.status === "notNeeded") return submission;
      record.addWarnings(submission.warnings);
      record.setDiff(submission.change === "Updated" ? submission.diff : null);
      // Later steps must also remove keys from Key Vault from what Azure returns.
      if (connection) connection = { ...connection, sealed: submission.sealed };
      record.stamp("submittedAt");
      record.noteOperation(azure.operationId);
      record.show("submitted");
      return submission;
    },
    noteOperationEnd() {
      record.stamp("provisionedAt");
      record.show("provisioned");
    },
    noteVerification(given) {
      azure.noteEnd();
      azure.noteKeys(given);
      record.show("verified");
    },
    noteOutcome() {
      retries.endCancellation();
      record.showFirst("answering");
    },
  };
}
