import type { InvocationContext } from "@azure/functions";
import type { LogFields, LogStepName, WriteStep } from "../../shared/log/steps.ts";

/** Makes the log of one invocation: one line of JSON for each step. */
export function logStepOf(context: InvocationContext): WriteStep {
  return (step, fields) => context.info(JSON.stringify({ step, ...fields }));
}

/** Writes a step of the app's start, which belongs to no invocation. */
export function logAtStart<Step extends LogStepName>(level: "info" | "warn", step: Step, fields: LogFields<Step>): void {
  console[level](JSON.stringify({ step, ...fields }));
}
