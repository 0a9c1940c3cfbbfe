import { isDeepStrictEqual } from "node:util";
import type { EntityHandler } from "durable-functions";
import { logStepOf } from "./log-step.ts";

/** Operations on one kind of state: what was before and what is asked, to what is afterwards. */
export type Operations<State> = Readonly<Record<string, (state: State, input: never) => State>>;

/** What an entity answers to its caller, from its state after the operation and before it, and the operation's name. */
export type Answer<State> = (state: State, input: never, before: State, operation: string) => unknown;

/** Makes a durable entity of pure operations: one at a time, each stored before its answer is sent. An entity that is back at its initial state is removed. */
export function entityOf<State>(initial: State, operations: Operations<State>, answer: Answer<State>): EntityHandler<State> {
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
      // Whoever called is told `[object Object]` by the extension.
      const about = { entity: df.entityName, key: df.entityKey, operation: name };
      logStepOf(context)("entityFailed", { ...about, error: error instanceof Error ? error.name : "unknown" });
      throw error;
    }
    df.setState(state);
    df.return(answer(state, input, before, name));
    // Last, because the SDK takes setting and returning for signs of life.
    if (isDeepStrictEqual(state, initial)) df.destructOnExit();
  };
}
