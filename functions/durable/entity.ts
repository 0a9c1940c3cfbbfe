import { isDeepStrictEqual } from "node:util";
import type { EntityHandler } from "durable-functions";
import type { WriteStep } from "../../shared/log/steps.ts";
import { logStepOf } from "./log-step.ts";

/** The operations of an entity, by name. Each is pure: it returns the new state. */
export type Operations<State> = Readonly<Record<string, (state: State, input: never) => State>>;

/** Returns what an entity returns to its caller. `before` is the state before the operation. */
export type ResultOf<State> = (state: State, input: never, before: State, operation: string) => unknown;

/** Writes the result of an operation to the log. */
export type LogResult = (result: never, input: never, operation: string, log: WriteStep) => void;

/**
 * Returns the handler of a durable entity with pure operations. Operations run one at a time, and
 * each new state is stored before its result is sent. An entity that is back at its initial state
 * is removed.
 */
export function entityOf<State>(
  initial: State,
  operations: Operations<State>,
  resultOf: ResultOf<State>,
  logResult: LogResult = () => {},
): EntityHandler<State> {
  return (context) => {
    const { df } = context;
    const name = df.operationName ?? "";
    const input = df.getInput<never>() as never;
    const before = df.getState(() => initial) ?? initial;
    let state: State;
    try {
      const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
      if (!operation) throw new Error(`The entity ${df.entityName} has no operation "${name}"`);
      state = operation(before, input);
    } catch (error) {
      // The caller gets only `[object Object]` from the extension, so the error is logged here.
      const about = { entity: df.entityName, key: df.entityKey, operation: name };
      logStepOf(context)("entityFailed", { ...about, error: error instanceof Error ? error.name : "unknown" });
      throw error;
    }
    df.setState(state);
    const result = resultOf(state, input, before, name);
    df.return(result);
    logResult(result as never, input, name, logStepOf(context));
    // This comes last, because setState and return would undo it.
    if (isDeepStrictEqual(state, initial)) df.destructOnExit();
  };
}
