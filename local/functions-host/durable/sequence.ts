import { type Action, actionType, type RetryOptions, signatureOf } from "./actions.ts";
import { eventType, type HistoryEvent } from "./events.ts";

/**
 * New work of an episode. The ids are the SDK's ids. The SDK counts them but does not report them,
 * so this host counts the same way.
 */
export type Operation =
  | { readonly kind: "activity"; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly kind: "timer"; readonly id: number; readonly fireAt: number }
  | { readonly kind: "cancelTimer"; readonly id: number }
  | {
      readonly kind: "entity";
      readonly id: number;
      readonly target: string;
      readonly operation: string;
      readonly input: unknown;
      readonly signal: boolean;
    };

interface Retry {
  readonly name: string;
  readonly input: unknown;
  readonly options: RetryOptions;
  readonly attempt: number;
}

/**
 * The state of the counting. It is plain data, stored with the instance, so that a new process can
 * continue.
 */
export interface Sequence {
  next: number;
  /** The signature of each action so far, for the determinism check. */
  readonly signatures: string[];
  /** Tasks that are scheduled and not finished. The instance cannot end before them. */
  readonly open: Record<number, { readonly kind: "activity" | "timer"; readonly retry?: Retry }>;
  /** The id of each timer by the place of its action, to find it again when it is cancelled. */
  readonly timers: Record<string, number>;
}

/** Returns the state before the first action. */
export function createSequence(): Sequence {
  return { next: 0, signatures: [], open: {}, timers: {} };
}

/**
 * Closes the task of a completion event. If the task has retries, returns what follows. The SDK
 * waits for one timer after every failure, even the last one, and only then begins the next
 * attempt.
 */
export function closeTask(sequence: Sequence, event: HistoryEvent, now: number): Operation[] {
  const id = Number(event["TaskScheduledId"] ?? event["TimerId"] ?? -1);
  const task = sequence.open[id];
  if (!task) return [];
  delete sequence.open[id];
  if (!task.retry) return [];
  const { name, input, options, attempt } = task.retry;
  if (event.EventType === eventType.TaskFailed) {
    const delay = attempt >= options.maxNumberOfAttempts ? 0 : delayOf(options, attempt);
    return [addTimer(sequence, now + delay, { ...task.retry, attempt: attempt + 1 })];
  }
  if (event.EventType === eventType.TimerFired && attempt <= options.maxNumberOfAttempts)
    return [addActivity(sequence, name, input, task.retry)];
  return [];
}

/**
 * Handles the actions of an episode: compares the known ones with their signatures, cancels timers,
 * and gives ids to the new ones, depth first. A task that is part of a second "any" or "all" is the
 * same object, and gets no new id.
 */
export function applyActions(sequence: Sequence, actions: readonly Action[]): Operation[] {
  const operations: Operation[] = [];
  const seen = new Set<Action>();
  for (const [index, signature] of sequence.signatures.entries()) {
    const action = actions[index];
    const found = action ? signatureOf(action) : "nothing";
    if (!action || found !== signature) {
      throw new Error(
        `Non-Deterministic workflow detected: step ${index} was "${signature}" when it first ran and is "${found}" on replay. ` +
          "The code changed while the instance was running, or it uses something that differs between replays.",
      );
    }
    visitLeaves(action, String(index), (leaf, place) => {
      seen.add(leaf);
      operations.push(...cancelTimer(sequence, leaf, place));
    });
  }
  for (let index = sequence.signatures.length; index < actions.length; index++) {
    const action = actions[index] as Action;
    sequence.signatures.push(signatureOf(action));
    visitLeaves(action, String(index), (leaf, place) => {
      if (seen.has(leaf)) return;
      seen.add(leaf);
      operations.push(...schedule(sequence, leaf, place), ...cancelTimer(sequence, leaf, place));
    });
  }
  return operations;
}

function visitLeaves(action: Action, place: string, visit: (leaf: Action, place: string) => void): void {
  if (!action.compoundActions) visit(action, place);
  for (const [index, child] of (action.compoundActions ?? []).entries()) visitLeaves(child, `${place}.${index}`, visit);
}

function schedule(sequence: Sequence, action: Action, place: string): Operation[] {
  switch (action.actionType) {
    case actionType.CallActivity:
      return [addActivity(sequence, String(action.functionName), action.input)];
    case actionType.CallActivityWithRetry: {
      const options = action.retryOptions as RetryOptions;
      const retry = { name: String(action.functionName), input: action.input, options, attempt: 1 };
      return [addActivity(sequence, retry.name, retry.input, retry)];
    }
    case actionType.CreateTimer: {
      const fireAt = new Date(action.fireAt ?? Number.NaN).getTime();
      if (Number.isNaN(fireAt)) throw new Error("A timer was created with an invalid date.");
      const operation = addTimer(sequence, fireAt);
      sequence.timers[place] = operation.id;
      return [operation];
    }
    case actionType.CallEntity:
    case actionType.SignalEntity: {
      const signal = action.actionType === actionType.SignalEntity;
      return [
        {
          kind: "entity",
          id: sequence.next++,
          target: String(action.instanceId),
          operation: String(action.operation),
          input: action.input,
          signal,
        },
      ];
    }
    default:
      return [];
  }
}

function cancelTimer(sequence: Sequence, action: Action, place: string): Operation[] {
  const id = sequence.timers[place];
  if (!action.isCanceled || id === undefined || !sequence.open[id]) return [];
  delete sequence.open[id];
  return [{ kind: "cancelTimer", id }];
}

function addActivity(sequence: Sequence, name: string, input: unknown, retry?: Retry): Operation {
  const id = sequence.next++;
  sequence.open[id] = { kind: "activity", ...(retry ? { retry } : {}) };
  return { kind: "activity", id, name, input };
}

function addTimer(sequence: Sequence, fireAt: number, retry?: Retry): Extract<Operation, { kind: "timer" }> {
  const id = sequence.next++;
  sequence.open[id] = { kind: "timer", ...(retry ? { retry } : {}) };
  return { kind: "timer", id, fireAt };
}

function delayOf(
  {
    firstRetryIntervalInMilliseconds: first,
    backoffCoefficient = 1,
    maxRetryIntervalInMilliseconds = Number.POSITIVE_INFINITY,
  }: RetryOptions,
  attempt: number,
): number {
  return Math.min(first * backoffCoefficient ** (attempt - 1), maxRetryIntervalInMilliseconds);
}
