import type { InvocationContext } from "@azure/functions";
import type { ConnectionInput } from "../../shared/durable/activities.ts";
import type { Settled } from "../../shared/durable/settled.ts";
import { keyFilterOf } from "../../shared/secrets/key-filter.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { secretsOf } from "../../shared/secrets/sealing.ts";
import { logStepOf } from "../durable/log-step.ts";
import type { Activity } from "./activity.ts";

/**
 * Returns the handler of an activity. The handler removes the request's keys from log lines and
 * errors. It does not change the result: the activity itself removes keys from what Azure sent,
 * because its result also contains values that the next steps need unchanged.
 */
export function hideSecrets<Input, Result>(activity: Activity<Input, Result>, keys: KeyRing) {
  return async (input: unknown, context: InvocationContext): Promise<Settled<Result>> => {
    const filter = keyFilterOf(hasSecrets(input) ? secretsOf(input, keys) : []);
    const log = logStepOf(context);
    try {
      return await activity(input as Input, (step, fields) => log(step, filter.resource(fields)), context);
    } catch (error) {
      if (!(error instanceof Error)) throw new Error("an unknown value was thrown");
      // The stack's lines after the message name only places in the code, so they contain no keys.
      const places = (error.stack ?? "").split("\n").slice(error.message.split("\n").length);
      throw new Error([`${error.name}: ${filter.text(error.message)}`, ...places].join("\n"));
    }
  };
}

function hasSecrets(input: unknown): input is Pick<ConnectionInput, "instanceId" | "sealed"> {
  return typeof input === "object" && input !== null && "sealed" in input && "instanceId" in input;
}
