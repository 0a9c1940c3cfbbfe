import type { InvocationContext } from "@azure/functions";
import type { Activities } from "../../shared/durable/activities.ts";
import type { Settled } from "../../shared/durable/settled.ts";
import type { WriteStep } from "../../shared/log/steps.ts";

/**
 * An activity before it is registered. It gets its input, a log and its invocation. It returns a
 * result, a problem, or when to try again.
 */
export type Activity<Input, Result> = (input: Input, log: WriteStep, context: InvocationContext) => Promise<Settled<Result>>;

/** The type of an activity's implementation, by its name. */
export type ActivityNamed<Name extends keyof Activities> = Activities[Name] extends (input: infer Input) => Promise<Settled<infer Result>>
  ? Activity<Input, Result>
  : never;
