import type { InvocationContext } from "@azure/functions";
import type { Settled } from "../../shared/durable/settled.ts";
import { keyFilterOf } from "../../shared/secrets/key-filter.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { openSecrets } from "../../shared/secrets/sealing.ts";
import type { ConnectionInput } from "../connection-input.ts";
import { type LogStep, logStepOf } from "../durable/log-step.ts";

/** An activity before registration: input in, one of the three kinds of answer out. */
export type Activity<Input, Result> = (input: Input, log: LogStep, context: InvocationContext) => Promise<Settled<Result>>;

/**
 * Makes an activity fit for registration. The request's keys are removed from its log lines and from an error that it throws. Its answer is left as it
 * is: an activity removes keys from what Azure sent before it makes an answer of it, because an answer also holds what the next steps need.
 */
export function settle<Input, Result>(activity: Activity<Input, Result>, keys: KeyRing) {
  return async (input: unknown, context: InvocationContext): Promise<Settled<Result>> => {
    const filter = keyFilterOf(hasSecrets(input) ? openSecrets(input, keys) : []);
    const log = logStepOf(context);
    try {
      return await activity(input as Input, (step, fields) => log(step, filter.resource(fields)), context);
    } catch (error) {
      if (!(error instanceof Error)) throw new Error("an unknown value was thrown");
      // The lines after the message name places in the app's own code.
      const places = (error.stack ?? "").split("\n").slice(error.message.split("\n").length);
      throw new Error([`${error.name}: ${filter.text(error.message)}`, ...places].join("\n"));
    }
  };
}

function hasSecrets(input: unknown): input is Pick<ConnectionInput, "instanceId" | "sealed"> {
  return typeof input === "object" && input !== null && "sealed" in input && "instanceId" in input;
}
