import type { InvocationContext } from "@azure/functions";
import { problem } from "../../shared/contract/problem.ts";
import type { ConnectionInput, Verification } from "../../shared/durable/activities.ts";
import type { Settled } from "../../shared/durable/settled.ts";
import { field } from "../../shared/json/field.ts";
import type { WriteStep } from "../../shared/log/steps.ts";
import { type KeyFilter, keyFilterOf } from "../../shared/secrets/key-filter.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { openSecrets, SealedSecretError } from "../../shared/secrets/sealing.ts";
import { namesInInput } from "../durable/log-names.ts";
import { logStepOf } from "../durable/log-step.ts";
import type { Activity } from "./activity.ts";
import { logFailure } from "./log-failure.ts";

/**
 * Returns the handler of an activity. Its log lines name the request, and one says why it did not
 * succeed. The handler removes the request's keys from log lines and errors. It does not change the
 * result: the activity itself removes keys from what Azure sent, because its result also contains
 * values that the next steps need unchanged.
 *
 * If a key of the request does not open with the sealing keys of this instance of the app, the step
 * is tried again later: another instance may have the sealing key already.
 */
export function hideSecrets<Input, Result>(activity: Activity<Input, Result>, keys: KeyRing) {
  return async (input: unknown, context: InvocationContext): Promise<Settled<Result>> => {
    let filter = keyFilterOf([]);
    let log = logStepWithNames(input, filter, context);
    try {
      if (hasSecrets(input)) {
        filter = keyFilterOf(openSecrets(input, keys));
        log = logStepWithNames(input, filter, context);
      }
      const settled = await activity(input as Input, log, context);
      logFailure(settled, context.functionName, log);
      // The step that sees the end of a change also verifies it.
      const verification = "ok" in settled ? field(settled.ok, "verification") : undefined;
      if (verification) logFailure(verification as Verification, context.functionName, log);
      return settled;
    } catch (error) {
      if (error instanceof SealedSecretError) return waitForSealingKey(error, context.functionName, log);
      if (!(error instanceof Error)) throw new Error("an unknown value was thrown");
      // The stack's lines after the message name only places in the code, so they contain no keys.
      const places = (error.stack ?? "").split("\n").slice(error.message.split("\n").length);
      throw new Error([`${error.name}: ${filter.text(error.message)}`, ...places].join("\n"));
    }
  };
}

function logStepWithNames(input: unknown, filter: KeyFilter, context: InvocationContext): WriteStep {
  const log = logStepOf(context);
  return (step, fields) => log(step, filter.resource({ ...namesInInput(input), ...fields }));
}

/**
 * Returns that the step must be tried again, on an instance of the app that has the sealing key.
 */
function waitForSealingKey({ keyId, message }: SealedSecretError, activity: string, log: WriteStep): Settled<never> {
  log("sealingKeyUnknown", { activity, keyId });
  return { later: { class: "sealing", problem: { ...problem("ServiceUnavailable", message), actor: "operator" } } };
}

function hasSecrets(input: unknown): input is Pick<ConnectionInput, "instanceId" | "sealed"> {
  return typeof input === "object" && input !== null && "sealed" in input && "instanceId" in input;
}
