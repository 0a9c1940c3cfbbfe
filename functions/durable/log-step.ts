import type { InvocationContext } from "@azure/functions";
import type { LogStepName } from "../../shared/durable/names.ts";

/**
 * Writes one step of a request to the app's log: one line of JSON. Its field names are fixed, so
 * that logs can be queried by them.
 */
export type LogStep = (step: LogStepName, fields: Readonly<Record<string, unknown>>) => void;

/** Makes the step log of one invocation. */
export function logStepOf(context: InvocationContext): LogStep {
  return (step, fields) => context.info(JSON.stringify({ step, ...fields }));
}
