import type { TypedData } from "../app/typed-data.ts";

// What the host and its .NET child send to each other: one JSON object a line, on the stdin and
// stdout of the child. Its stderr is its log.

/** A durable function of the app, as the extension must declare it. */
export interface DeclaredFunction {
  readonly name: string;
  /** orchestrationTrigger, activityTrigger or entityTrigger. */
  readonly trigger: string;
  /** The name of the trigger's binding. */
  readonly binding: string;
}

/** A request to run a function. */
export interface Invocation {
  readonly type: "invoke";
  readonly id: number;
  readonly function: string;
  readonly input: string | null;
  readonly metadata: Readonly<Record<string, TypedData>>;
  /** The JSON of a durableClient binding. */
  readonly client: string;
}

/** How an invocation ended; `returned` is JSON text. */
export type Outcome =
  | { readonly type: "result"; readonly id: number; readonly returned: string }
  | { readonly type: "failure"; readonly id: number; readonly message: string; readonly stack: string };

/**
 * The first line to the child. `webhook` is the address of the management API for everyone outside.
 */
export interface Start {
  readonly type: "start";
  readonly webhook: string;
  readonly hostJson: object;
  readonly functions: readonly DeclaredFunction[];
}

/**
 * The first line of a child that works: a durableClient binding, the address that requests to the
 * management API are forwarded to, and what runs.
 */
export interface Started {
  readonly type: "started";
  readonly client: string;
  readonly management: string;
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * After `stop` the child lets what runs end, and exits with 0. If its stdin ends without it, the
 * child kills itself.
 */
export type ToChild = Start | Outcome | { readonly type: "stop" };
export type FromChild = Started | Invocation | { readonly type: "failed"; readonly message: string };
