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
 * Every activity, by the name under which histories know it: what it is given and what it returns.
 * Instances in flight read the results of the version before, so change a shape by adding to it.
 */
export interface Activities {
  /** Checks a request against the contract, the rights of its source, and what exists in Azure. */
  readonly validateRequest: Signature<ProvisioningRequest & Try, ValidatedRequest>;
  /** Checks a cancellation against the contract. */
  readonly validateCancel: Signature<ProvisioningRequest, CancelRequest>;
  /** Reads whether an instance is alive, and raises an event for it. */
  readonly inspectInstance: Signature<InspectInstanceInput, InspectedInstance>;
  /** Raises one event for each of several instances. */
  readonly wakeInstances: Signature<WakeInstancesInput, true>;
  /** Reads whether a change of a connection is in progress in Azure. */
  readonly readConnectionState: Signature<ConnectionInput & Try, ConnectionState>;
  /** Reads the connection and returns what the request would change. */
  readonly planConnection: Signature<PutConnectionInput, PlanConnectionResult>;
  /** Reads the connection and, if it is not as desired, sends the PUT. */
  readonly putConnection: Signature<PutConnectionInput, PutConnectionResult>;
  /** Asks Azure once how far an operation has come. */
  readonly pollOperation: Signature<PollOperationInput, PollOperationResult>;
  /** Reads the connection after the change. Returns the resource without its secrets. */
  readonly verifyConnection: Signature<VerifyConnectionInput, unknown>;
  /** Sends a completion to the topic. */
  readonly publishCompletion: Signature<Completion, true>;
  /** Starts the instance that publishes an answer. */
  readonly handOverAnswer: Signature<HandOverAnswerInput, true>;
}

type Signature<Input, Result> = (input: Input) => Promise<Settled<Result>>;

/** What every activity that calls Resource Manager gets. */
export interface ConnectionInput {
  readonly instanceId: string;
  /** For the log, as the ticket's id is. */
  readonly requestId: string;
  readonly ticketId: string | null;
  readonly target: Target;
  /** JSON pointer in the request's data → sealed secret. These secrets must not come back from Azure into a result. */
  readonly sealed: Readonly<Record<string, string>>;
}

/** What the orchestration adds for each try of an activity that calls Resource Manager. */
export interface Try {
  /** Counted from 1 over all tries of this activity in the instance. The client request ids of its calls are made of it. */
  readonly attempt: number;
}

/** A request that may be carried out. */
export interface ValidatedRequest {
  readonly connection: ConnectionInput;
  /** The body to send, its keys sealed. */
  readonly desired: VpnConnection;
  readonly warnings: readonly Finding[];
  readonly mode: "apply" | "plan";
  readonly deadlineMinutes?: number;
  readonly queueDeadlineMinutes?: number;
}

export interface InspectInstanceInput {
  readonly instanceId: string;
  /** The event to raise if the instance is alive; null only looks. */
  readonly event: string | null;
}

/** The state of an instance. A suspended one is alive, and does nothing until an operator resumes it. */
export interface InspectedInstance {
  readonly alive: boolean;
  readonly suspended?: true;
}

export interface WakeInstancesInput {
  readonly instances: readonly { readonly instanceId: string; readonly event: string }[];
}

export interface ConnectionState {
  /** No change of the connection is in progress. */
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
  readonly desired: VpnConnection;
  /** What is known of the keys in Azure. */
  readonly remembered: RememberedKeys;
  /** What a read showed before an earlier PUT of this request whose result is not known. */
  readonly before?: Before;
}

/** A change that was sent, and what later steps need to know of it. */
export interface Submitted {
  readonly change: Change;
  readonly diff: Diff;
  /** The keys that Azure is given. They are remembered when the change is verified. */
  readonly given: GivenKeys;
  /** The keys of the request, sealed, those from Key Vault too. */
  readonly sealed: Readonly<Record<string, string>>;
  readonly armState: string | null;
  readonly warnings: readonly Finding[];
}

/** A change that Azure is working on. */
export interface RunningOperation extends Submitted {
  readonly status: "running";
  /** If Azure gave none, the resource itself is polled. */
  readonly operationUrl: string | null;
  readonly operationId: string | null;
  readonly retryAfterSeconds: number | null;
}

/** The operation of another request that keeps the gateway busy. */
export interface BlockingOperation {
  readonly status: "blocked";
  readonly operationUrl: string;
  readonly retryAfterSeconds: number | null;
  readonly problem: Problem;
  readonly before: Before;
}

/** `done`: Azure has finished the change. `notNeeded`: the connection was already as desired. */
export type PutConnectionResult =
  | RunningOperation
  | (Submitted & { readonly status: "done" })
  | { readonly status: "notNeeded"; readonly resource: unknown; readonly armState: string }
  | BlockingOperation;

/** What became of a PUT once no other operation was in its way. */
export type Submission = Exclude<PutConnectionResult, BlockingOperation>;

export interface PollOperationInput extends ConnectionInput, Try {
  /** Null polls the resource itself. */
  readonly operationUrl: string | null;
  /** The operation belongs to another request: whatever its end is, it is over. */
  readonly ofAnother?: true;
}

/** Kept under 300 bytes, because the history holds one for every poll. */
export interface PollOperationResult {
  readonly done: boolean;
  /** The service no longer knows the operation. */
  readonly forgotten?: true;
  /** Azure replaced the operation by another one. What became of the connection must be read. */
  readonly superseded?: true;
  readonly armState: string;
  readonly retryAfterSeconds: number | null;
}

export interface VerifyConnectionInput extends ConnectionInput, Try {
  /** Given if the operation was superseded: then the connection must be this one. */
  readonly desired?: VpnConnection;
}

export interface HandOverAnswerInput {
  /** The instance that is to publish the answer. */
  readonly instanceId: string;
  readonly answer: AnswerInput;
}
