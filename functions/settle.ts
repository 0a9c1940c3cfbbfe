import type { InvocationContext } from "@azure/functions";
import { type KeyFilter, keyFilterOf } from "../shared/key-filter.ts";
import type { KeyRing } from "../shared/key-ring.ts";
import { outcomeOf } from "../shared/problem.ts";
import { secretsOf } from "../shared/sealing.ts";
import type { Settled } from "../shared/settled.ts";
import type { ConnectionInput } from "./connection-input.ts";
import { type LogStep, logStepOf, namesInInput } from "./log-step.ts";

const LONGEST_CODE = 128;

/** An activity before registration: input in, one of the three kinds of answer out. */
export type Activity<Input, Result> = (input: Input, log: LogStep, context: InvocationContext) => Promise<Settled<Result>>;

/**
 * Makes an activity fit for registration. Its log lines name the request, and one says why it did
 * not come to its end. The request's keys are removed from these lines and from an error that it
 * throws. Its answer is left as it is: an activity removes keys from what Azure sent before it makes
 * an answer of it, because an answer also holds what the next steps need.
 */
export function settle<Input, Result>(activity: Activity<Input, Result>, keys: KeyRing) {
  return async (input: unknown, context: InvocationContext): Promise<Settled<Result>> => {
    const filter = keyFilterOf(hasSecrets(input) ? secretsOf(input, keys) : []);
    const log = stepLog(input, filter, context);
    try {
      const settled = await activity(input as Input, log, context);
      tellFailure(settled, context.functionName, log);
      return settled;
    } catch (error) {
      if (!(error instanceof Error)) throw new Error("an unknown value was thrown");
      // The lines after the message name places in the app's own code.
      const places = (error.stack ?? "").split("\n").slice(error.message.split("\n").length);
      throw new Error([`${error.name}: ${filter.text(error.message)}`, ...places].join("\n"));
    }
  };
}

function stepLog(input: unknown, filter: KeyFilter, context: InvocationContext): LogStep {
  const log = logStepOf(context);
  return (step, fields) => log(step, filter.resource({ ...namesInInput(input), ...fields }));
}

/** Azure's own message stays out of the log: it may quote anything, a signed URL too. */
function tellFailure(settled: Settled<unknown>, activity: string, log: LogStep): void {
  if ("ok" in settled) return;
  const { code, arm, details } = "later" in settled ? settled.later.problem : settled.problem;
  const about = { activity, problem: code, armCode: arm?.code?.slice(0, LONGEST_CODE) };
  if ("problem" in settled) {
    const errors = details.filter(({ severity }) => severity === "error").length;
    log(outcomeOf(code) === "Rejected" ? "rejected" : "failed", { ...about, ...(errors > 0 ? { errors } : {}) });
    // The activity that publishes has said what the broker answered.
  } else if (settled.later.class !== "broker") log("retrying", { ...about, afterSeconds: settled.later.afterSeconds });
}

function hasSecrets(input: unknown): input is Pick<ConnectionInput, "instanceId" | "sealed"> {
  return typeof input === "object" && input !== null && "sealed" in input && "instanceId" in input;
}
