import type { ProblemCode } from "../shared/contract/problem.ts";
import type { PollOperationResult, Submission } from "../shared/durable/activities.ts";
import type { GivenKeys, KeysAfterChange } from "../shared/durable/connection-keys.ts";
import type { Attempt } from "../shared/durable/settled.ts";

/**
 * The problems after which the change is over in Azure, and the connection's state then. After any
 * other problem Azure may still be working.
 */
const finalStates: Partial<Record<ProblemCode, string | null>> = {
  OperationFailed: "Failed",
  OperationCanceled: "Canceled",
  ProvisioningFailed: "Failed",
  ResourceVanished: null,
};

/** What an instance knows about its change in Azure. */
export interface AzureState {
  readonly operationId: string | null;
  /** The last provisioning state that Azure has shown. */
  readonly armState: string | null;
  /** The change that Azure may be working on; null before the PUT and after the change is over. */
  readonly running: { readonly operationUrl: string | null } | null;
  /**
   * True if a PUT may have reached Azure, or if the connection was already as desired. Older
   * requests for the connection are then superseded.
   */
  readonly mayHaveChanged: boolean;
  /** The keys of the connection after this request. */
  readonly keys: KeysAfterChange;
  /**
   * Connections of the gateway that may still be changing although no instance polls the change. An
   * earlier holder of the lease or a killed host has left them.
   */
  readonly unsettled: readonly string[];
  /**
   * True if Azure replaced the operation by another one: the connection must be compared at the
   * end.
   */
  readonly superseded: boolean;
  /** Notes calls of Resource Manager. */
  noteCalls(attempts: readonly Attempt[]): void;
  /** Notes the final problem of a step. */
  noteFinalProblem(code: ProblemCode): void;
  /** Notes the state that a read has shown. */
  noteState(armState: string | null): void;
  /** Notes which connections may still be changing. */
  noteUnsettled(connectionNames: readonly string[]): void;
  /** Notes that the change of a connection is over. */
  noteSettled(connectionName: string): void;
  /**
   * Notes that the request holds the lease. A killed host may have sent a PUT of this request, so
   * the connection is unsettled until a read shows it.
   */
  noteLease(connectionName: string | undefined): void;
  /** Notes that the change was sent, or was not needed. */
  noteSubmission(submission: Submission): void;
  /** Notes that Azure may be working on the change. With null the connection itself is polled. */
  noteRunning(operationUrl: string | null): void;
  /** Notes the result of a poll. */
  notePoll(poll: PollOperationResult): void;
  /** Notes that the change is over. */
  noteEnd(): void;
  /** Notes the keys of a verified change. */
  noteKeys(given: GivenKeys): void;
}

/** Returns the state of a change that has not begun. */
export function openAzureState(): AzureState {
  let operationId: string | null = null;
  let armState: string | null = null;
  let running: AzureState["running"] = null;
  let mayHaveChanged = false;
  let keys: KeysAfterChange = "same";
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
    get keys() {
      return keys;
    },
    get unsettled() {
      return unsettled;
    },
    get superseded() {
      return superseded;
    },
    noteCalls(attempts) {
      const put = attempts.findLast(({ action }) => action === "put");
      // If a PUT has no readable response, Azure may have carried it out.
      if (put) running = isRefusal(put.status) ? null : { operationUrl: null };
      const mayBeCarriedOut = attempts.some(({ action, status }) => action === "put" && !isRefusal(status));
      mayHaveChanged ||= mayBeCarriedOut;
      if (mayBeCarriedOut) keys = "unknown";
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
      if (submission.status !== "notNeeded") keys = "unknown";
      if (submission.status === "notNeeded") running = null;
      else running = { operationUrl: submission.status === "running" ? submission.operationUrl : null };
      operationId = submission.status === "running" ? submission.operationId : null;
    },
    noteRunning(operationUrl) {
      running = { operationUrl };
      mayHaveChanged = true;
      keys = "unknown";
    },
    notePoll(poll) {
      armState = poll.armState;
      superseded ||= poll.superseded === true;
      // If the operation is done, forgotten or replaced, only the connection itself shows the
      // result.
      if (poll.done || poll.forgotten || poll.superseded) running = { operationUrl: null };
    },
    noteEnd() {
      running = null;
    },
    noteKeys(given) {
      // If a request has no key, Azure decides whether it keeps the existing one. If another change
      // replaced this one in Azure, that change may have had another key.
      keys = given.keys.length > 0 && !superseded ? given : "unknown";
    },
  };
}

function isRefusal(status: number | null): boolean {
  return status !== null && status >= 300 && status < 500 && status !== 408;
}
