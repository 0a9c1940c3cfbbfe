import type { TypedData } from "../app/typed-data.ts";

// The messages between the host and its .NET child: one JSON object in a line, on the stdin and
// stdout of the child. The child's stderr is its log.

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
 * The first line to the child. `webhook` is the address of the management API for clients outside
 * the host.
 */
export interface Start {
  readonly type: "start";
  readonly webhook: string;
  readonly hostJson: object;
  readonly functions: readonly DeclaredFunction[];
}

/**
 * The first line of a child that works: a durableClient binding, the address to forward management
 * requests to, and the versions that run.
 */
export interface Started {
  readonly type: "started";
  readonly client: string;
  readonly management: string;
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * After `stop` the child waits until everything that runs has ended, and exits with 0. If its stdin
 * ends without `stop`, the child kills itself.
 */
export type ToChild = Start | Outcome | { readonly type: "stop" };
export type FromChild = Started | Invocation | { readonly type: "failed"; readonly message: string };
