import type { CancelRequest } from "../contract/cancel.ts";
import type { Change, Completion, Diff } from "../contract/completion.ts";
import type { VpnConnection } from "../contract/connection.ts";
import type { Finding } from "../contract/finding.ts";
import type { Problem } from "../contract/problem.ts";
import type { Target } from "../resource-id.ts";
import type { AnswerInput } from "./answer.ts";
import type { Before } from "./before.ts";
import type { GivenKeys, RememberedKeys } from "./connection-keys.ts";
import type { ProvisioningRequest } from "./request.ts";
import type { Settled } from "./settled.ts";

/**
 * The input and the result of every activity. The property's name is the activity's name in
 * histories. A running instance replays results of the previous version, so only add properties.
 */
export interface Activities {
  /** Checks a request against the contract, the rights of its source, and what exists in Azure. */
  readonly validateRequest: Signature<ProvisioningRequest & Try, ValidatedRequest>;
  /** Checks a cancellation against the contract. */
  readonly validateCancel: Signature<ProvisioningRequest, CancelRequest>;
  /** Reads whether an instance is alive. If it is and an event is given, raises the event. */
  readonly inspectInstance: Signature<InspectInstanceInput, InspectedInstance>;
  /** Raises one event for each of several instances. */
  readonly wakeInstances: Signature<WakeInstancesInput, true>;
  /** Reads whether a change of a connection is in progress in Azure. */
  readonly readConnectionState: Signature<ConnectionInput & Try, ConnectionState>;
  /** Reads the connection and returns what the request would change. */
  readonly planConnection: Signature<PutConnectionInput, PlanConnectionResult>;
  /** Reads the connection and, if it is not as desired, sends the PUT. */
  readonly putConnection: Signature<PutConnectionInput, PutConnectionResult>;
  /** Reads the state of an operation from Azure once, and after its end the connection. */
  readonly pollOperation: Signature<PollOperationInput, PollOperationResult>;
  /** Reads the connection after the change. Returns the resource without its secrets. */
  readonly verifyConnection: Signature<VerifyConnectionInput, unknown>;
  /** Sends a completion to the topic. */
  readonly publishCompletion: Signature<Completion, true>;
  /** Starts the instance that publishes a completion. */
  readonly handOverAnswer: Signature<HandOverAnswerInput, true>;
}

type Signature<Input, Result> = (input: Input) => Promise<Settled<Result>>;

/** The input that all activities that call Resource Manager have in common. */
export interface ConnectionInput {
  readonly instanceId: string;
  /** For the log, as the ticket's id is. */
  readonly requestId: string;
  readonly ticketId: string | null;
  readonly target: Target;
  /** The trace context of the request. Only if spans are recorded. */
  readonly traceparent?: string;
  /**
   * JSON pointer in the request's data → sealed secret. The activity removes these secrets from
   * everything that Azure returns.
   */
  readonly sealed: Readonly<Record<string, string>>;
}

/** Added by the orchestration to the input of each activity that calls Resource Manager. */
export interface Try {
  /**
   * The number of this try, counted from 1 over all tries of this activity in the instance. It is
   * a part of the client request ids of the activity's calls.
   */
  readonly attempt: number;
}

/** A valid and authorized request. */
export interface ValidatedRequest {
  readonly connection: ConnectionInput;
  /** The body to send. Its keys are sealed. */
  readonly desired: VpnConnection;
  readonly warnings: readonly Finding[];
  readonly mode: "apply" | "plan";
  readonly deadlineMinutes?: number;
  readonly queueDeadlineMinutes?: number;
}

export interface InspectInstanceInput {
  readonly instanceId: string;
  /** The event to raise if the instance is alive. If null, none is raised. */
  readonly event: string | null;
}

/**
 * The state of an instance. A suspended instance is alive, but waits until an operator resumes it.
 */
export interface InspectedInstance {
  readonly alive: boolean;
  readonly suspended?: true;
}

export interface WakeInstancesInput {
  readonly instances: readonly { readonly instanceId: string; readonly event: string }[];
}

export interface ConnectionState {
  /** True if no change of the connection is in progress. */
  readonly settled: boolean;
  readonly retryAfterSeconds: number | null;
}

export interface PlanConnectionResult {
  readonly change: Change;
  readonly diff: Diff;
  readonly resource: unknown;
  readonly armState: string | null;
}

export interface PutConnectionInput extends ConnectionInput, Try {
  readonly requestSource: string;
  /** CloudEvents type; null for a bare body. */
  readonly requestType: string | null;
  readonly desired: VpnConnection;
  /** The fingerprints of the keys that Azure has, as far as they are known. */
  readonly remembered: RememberedKeys;
  /** The connection before an earlier PUT of this request, if that PUT's result is unknown. */
  readonly before?: Before;
}

/** A change that was sent to Azure, with the data that later steps need. */
export interface Submitted {
  readonly change: Change;
  readonly diff: Diff;
  /** The keys to remember after the change is verified. None if Azure may have other ones. */
  readonly given: GivenKeys;
  /** All keys of the request, sealed, including those read from Key Vault. */
  readonly sealed: Readonly<Record<string, string>>;
  readonly armState: string | null;
  readonly warnings: readonly Finding[];
}

/** A read after the change: the resource without secrets, a problem, or when to read again. */
export type Verification = Settled<unknown>;

/** A change that is in progress in Azure. */
export interface RunningOperation extends Submitted {
  readonly status: "running";
  /** Null if Azure returned none. Then the resource itself is polled. */
  readonly operationUrl: string | null;
  readonly operationId: string | null;
  readonly retryAfterSeconds: number | null;
}

/** An operation of another request that blocks the gateway. */
export interface BlockingOperation {
  readonly status: "blocked";
  readonly operationUrl: string;
  readonly retryAfterSeconds: number | null;
  readonly problem: Problem;
  /** The operation may be that of a PUT whose host did not live to store its response. */
  readonly before: Before;
}

/**
 * `done`: the change is finished. It has a verification if a read has shown that. `notNeeded`: the
 * connection was already as desired.
 */
export type PutConnectionResult =
  | RunningOperation
  | (Submitted & { readonly status: "done"; readonly verification?: Verification })
  | { readonly status: "notNeeded"; readonly resource: unknown; readonly armState: string }
  | BlockingOperation;

/** The result of a PUT that no other operation blocked. */
export type Submission = Exclude<PutConnectionResult, BlockingOperation>;

export interface PollOperationInput extends VerifyConnectionInput {
  /** If null, the resource itself is polled. */
  readonly operationUrl: string | null;
  /**
   * Set if the operation belongs to another request. Then only its end matters, not its outcome.
   */
  readonly ofAnother?: true;
}

/** Kept below 300 bytes until the last one, because the history holds one for every poll. */
export interface PollOperationResult {
  readonly done: boolean;
  /** Set if it is done, unless the operation belongs to another request. */
  readonly verification?: Verification;
  /** Set if Azure no longer knows the operation. */
  readonly forgotten?: true;
  /** Set if Azure replaced the operation by another one. Then only a read shows the outcome. */
  readonly superseded?: true;
  readonly armState: string;
  readonly retryAfterSeconds: number | null;
}

export interface VerifyConnectionInput extends ConnectionInput, Try {
  /** Set if the operation was superseded. Then the connection is compared with this one. */
  readonly desired?: VpnConnection;
}

export interface HandOverAnswerInput {
  /** The id of the instance that publishes the completion. */
  readonly instanceId: string;
  readonly answer: AnswerInput;
}
