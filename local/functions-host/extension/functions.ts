import { type App, functionsOf, triggerOf } from "../app/load-app.ts";
import { typedDataToJson } from "../app/typed-data.ts";
import type { DeclaredFunction, Invocation, Outcome } from "./protocol.ts";

const triggers = ["orchestrationTrigger", "activityTrigger", "entityTrigger"];

/** Lists the durable functions of an app. */
export function listDurableFunctions(app: App): DeclaredFunction[] {
  return triggers.flatMap((trigger) =>
    functionsOf(app, trigger).map((target) => {
      const [binding = ""] = Object.entries(target.bindings).find(([, candidate]) => candidate === triggerOf(target)) ?? [];
      return { name: target.name, trigger, binding };
    }),
  );
}

/**
 * Runs a function of the app for the extension. Returns how it ended, as the Node worker reports
 * it.
 */
export async function invokeFunction(app: App, { id, function: name, input, metadata, client }: Invocation): Promise<Outcome> {
  try {
    const target = app.functions.find((known) => known.name.toLowerCase() === name.toLowerCase());
    if (!target) throw new Error(`The app has no function ${name}.`);
    const trigger = input === null ? {} : { string: input };
    const { returned } = await app.invoke(target, { trigger, triggerMetadata: metadata, durableClient: client });
    return { type: "result", id, returned: typedDataToJson(returned) };
  } catch (thrown) {
    const { message, stack = "" } = toError(thrown);
    return { type: "failure", id, message, stack };
  }
}

/**
 * An app may throw any value
 * (https://github.com/Azure/azure-functions-nodejs-worker/blob/v3.x/src/errors.ts,
 * ensureErrorType).
 */
function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  if (thrown === undefined || thrown === null) return new Error("Unknown error");
  return new Error(typeof thrown === "object" ? JSON.stringify(thrown) : String(thrown));
}
