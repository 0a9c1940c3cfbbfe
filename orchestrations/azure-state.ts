import type { ProblemCode } from "../shared/contract/problem.ts";
import type { PollOperationResult, Submission } from "../shared/durable/activities.ts";
import type { Attempt } from "../shared/durable/settled.ts";

/** The problems by which Azure says that the change is over, and its state then. After any other problem Azure may still be working. */
const finalStates: Partial<Record<ProblemCode, string | null>> = {
  OperationFailed: "Failed",
  OperationCanceled: "Canceled",
  ProvisioningFailed: "Failed",
  ResourceVanished: null,
};

/** What an instance knows of its change in Azure. */
export interface AzureState {
  readonly operationId: string | null;
  /** The last state seen. */
  readonly armState: string | null;
  /** A change that Azure may be working on; null before it is submitted and once its end was seen. */
  readonly running: { readonly operationUrl: string | null } | null;
  /** True if a PUT may have reached Azure, or if all was found as desired: then older requests for the connection come too late. */
  readonly mayHaveChanged: boolean;
  /** Connections of the gateway with a change in progress that nobody watches, left by an earlier holder of the lease or a killed host. */
  readonly unsettled: readonly string[];
  /** Azure replaced the operation by another one, so the connection must be compared at the end. */
  readonly superseded: boolean;
  /** Resource Manager was called. */
  noteCalls(attempts: readonly Attempt[]): void;
  /** A step ended with a final problem. */
  noteFinalProblem(code: ProblemCode): void;
  /** A read showed this state. */
  noteState(armState: string | null): void;
  /** These connections may still be changing. */
  noteUnsettled(connectionNames: readonly string[]): void;
  /** The change of a connection is over. */
  noteSettled(connectionName: string): void;
  /** The gateway is this request's. A killed host may have left a PUT of it behind, until a read shows the connection. */
  noteLease(connectionName: string | undefined): void;
  /** The change was sent, or was not needed. */
  noteSubmission(submission: Submission): void;
  /** Azure may be working on the change; null polls the resource itself. */
  noteRunning(operationUrl: string | null): void;
  /** The operation was polled. */
  notePoll(poll: PollOperationResult): void;
  /** The end of the change was seen. */
  noteEnd(): void;
}

/** Opens the state of a change that has not begun. */
export function openAzureState(): AzureState {
  let operationId: string | null = null;
  let armState: string | null = null;
  let running: AzureState["running"] = null;
  let mayHaveChanged = false;
  let unsettled: readonly string[] = [];
  let superseded = false;
  let isLeaseGranted = false;
  return {
    get operationId() {
      return operationId;
    },
    get armState() {
      return armState;
    },
    get running() {
      return running;
    },
    get mayHaveChanged() {
      return mayHaveChanged;
    },
    get unsettled() {
      return unsettled;
    },
    get superseded() {
      return superseded;
    },
    noteCalls(attempts) {
      const put = attempts.findLast(({ action }) => action === "put");
      // Azure may have carried out a PUT whose response was lost or could not be read.
      if (put) running = isRefusal(put.status) ? null : { operationUrl: null };
      mayHaveChanged ||= attempts.some(({ action, status }) => action === "put" && !isRefusal(status));
      const isSeen = attempts.some(({ action, status }) => action === "get" && (status === 200 || status === 404));
      if (isSeen && isLeaseGranted) unsettled = [];
    },
    noteFinalProblem(code) {
      const finalState = finalStates[code];
      if (finalState === undefined) return;
      running = null;
      armState = finalState;
    },
    noteState(state) {
      armState = state;
    },
    noteUnsettled(connectionNames) {
      unsettled = connectionNames;
    },
    noteSettled(connectionName) {
      unsettled = unsettled.filter((name) => name !== connectionName);
    },
    noteLease(connectionName) {
      isLeaseGranted = true;
      if (connectionName !== undefined) unsettled = [connectionName];
    },
    noteSubmission(submission) {
      armState = submission.armState;
      unsettled = [];
      mayHaveChanged = true;
      if (submission.status === "notNeeded") running = null;
      else running = { operationUrl: submission.status === "running" ? submission.operationUrl : null };
      operationId = submission.status === "running" ? submission.operationId : null;
    },
    noteRunning(operationUrl) {
      running = { operationUrl };
      mayHaveChanged = true;
    },
    notePoll(poll) {
      armState = poll.armState;
      superseded ||= poll.superseded === true;
      // Once the operation is done, forgotten or replaced, only the connection itself can say how the change ended.
      if (poll.done || poll.forgotten || poll.superseded) running = { operationUrl: null };
    },
    noteEnd() {
      running = null;
    },
  };
}

function isRefusal(status: number | null): boolean {
  return status !== null && status >= 300 && status < 500 && status !== 408;
}
