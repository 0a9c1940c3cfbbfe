import type { InvocationContext } from "@azure/functions";
import { withoutSecretValues } from "../shared/redaction.ts";
import { type KeyRing, openSealed } from "../shared/sealing.ts";
import type { Settled } from "../shared/settled.ts";
import { type LogStep, logStepOf } from "./log-step.ts";

/** An activity before registration: input in, one of the three kinds of answer out. */
export type Activity<Input, Result> = (input: Input, log: LogStep, context: InvocationContext) => Promise<Settled<Result>>;

/**
 * Makes an activity fit for registration. Whatever leaves it, an answer, an error or a log line, has the request's secrets removed by value: the durable
 * history, which keeps every answer and every error, is no place for them.
 */
export function settle<Input, Result>(activity: Activity<Input, Result>, keys: KeyRing) {
  return async (input: unknown, context: InvocationContext): Promise<Settled<Result>> => {
    const secrets = secretsOf(input, keys);
    const log = logStepOf(context);
    try {
      return withoutSecretValues(
        await activity(input as Input, (step, fields) => log(step, withoutSecretValues(fields, secrets)), context),
        secrets,
      );
    } catch (error) {
      throw new Error(
        withoutSecretValues(error instanceof Error ? (error.stack ?? error.message) : "an unknown value was thrown", secrets),
      );
    }
  };
}

function secretsOf(input: unknown, keys: KeyRing): string[] {
  if (typeof input !== "object" || input === null || !("sealed" in input) || !("instanceId" in input)) return [];
  const { sealed, instanceId } = input as { sealed: Record<string, string>; instanceId: string };
  return Object.entries(sealed).map(([pointer, text]) => openSealed(text, instanceId, pointer, keys));
}
