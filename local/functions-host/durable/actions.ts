import { unsupportedError } from "../unsupported-error.ts";

/**
 * What an orchestrator function returns: all actions since the start of the execution, in order,
 * without ids (durable-functions 3.5.0, schema version 4).
 */
export interface OrchestratorState {
  readonly isDone: boolean;
  readonly actions: readonly (readonly Action[])[];
  readonly output?: unknown;
  readonly error?: string;
  readonly customStatus?: unknown;
}

export interface RetryOptions {
  readonly firstRetryIntervalInMilliseconds: number;
  readonly maxNumberOfAttempts: number;
  readonly backoffCoefficient?: number;
  readonly maxRetryIntervalInMilliseconds?: number;
  readonly retryTimeoutInMilliseconds?: number;
}

/** One action. Its fields depend on its type. */
export interface Action {
  readonly actionType: number;
  readonly functionName?: string;
  readonly input?: unknown;
  readonly retryOptions?: RetryOptions;
  readonly fireAt?: string | Date;
  readonly isCanceled?: boolean;
  readonly externalEventName?: string;
  readonly instanceId?: string;
  readonly operation?: string;
  readonly compoundActions?: readonly Action[];
}

export const actionType = {
  CallActivity: 0,
  CallActivityWithRetry: 1,
  ContinueAsNew: 4,
  CreateTimer: 5,
  WaitForExternalEvent: 6,
  CallEntity: 7,
  SignalEntity: 9,
  WhenAny: 11,
  WhenAll: 12,
} as const;

const unsupported: Readonly<Record<number, string>> = {
  2: "callSubOrchestrator",
  3: "callSubOrchestratorWithRetry",
  8: "callHttp",
  13: "df.lock",
  14: "df.lock",
};

/**
 * Returns a name for an action, for the determinism check and for errors. Throws if this host does
 * not support the action.
 */
export function signatureOf(action: Action): string {
  const refused = unsupported[action.actionType];
  if (refused) throw unsupportedError(refused);
  switch (action.actionType) {
    case actionType.CallActivity:
    case actionType.CallActivityWithRetry:
      if (action.retryOptions?.retryTimeoutInMilliseconds !== undefined) throw unsupportedError("retryTimeoutInMilliseconds");
      return `activity ${action.functionName}`;
    case actionType.CreateTimer:
      return "timer";
    case actionType.WaitForExternalEvent:
      return `external event ${action.externalEventName}`;
    case actionType.CallEntity:
    case actionType.SignalEntity:
      return `entity ${action.instanceId} ${action.operation}`;
    case actionType.ContinueAsNew:
      return "continueAsNew";
    case actionType.WhenAny:
    case actionType.WhenAll:
      return `${action.actionType === actionType.WhenAny ? "any" : "all"} of (${(action.compoundActions ?? []).map(signatureOf).join(", ")})`;
    default:
      throw new Error(`The development host does not know the action type ${action.actionType}.`);
  }
}
