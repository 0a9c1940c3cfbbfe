import { randomUUID } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { unsupportedError } from "../unsupported-error.ts";
import { type Binding, type HookName, installFunctionsCore, type RegisteredFunction } from "./functions-core.ts";
import type { TypedData } from "./typed-data.ts";

/** One line of the host's log. */
export interface LogEntry {
  readonly level: string;
  readonly category: string;
  readonly message: string;
  readonly function?: string;
  readonly invocationId?: string;
}

/** The input of a function. */
export interface Invocation {
  readonly trigger: TypedData;
  /**
   * The parsed object that the library would make of the trigger, instead of the trigger. The
   * invocation then returns only `result`. To convert an orchestrator's history and state to text
   * and back would take longer than its episode.
   */
  readonly parsed?: unknown;
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>;
  /** The JSON of the durableClient binding, for functions that have one. */
  readonly durableClient?: string;
  readonly traceParent?: string;
}

/** A loaded app. */
export interface App {
  readonly directory: string;
  readonly functions: readonly RegisteredFunction[];
  /** Writes a line of the log. The host sets it when it starts. */
  log: (entry: LogEntry) => void;
  /**
   * Runs a function once: hooks, callback, response. Rejects with the error of the function.
   * `result` is its return value before it was converted to data.
   */
  invoke(target: RegisteredFunction, invocation: Invocation): Promise<{ returned: TypedData | undefined; result: unknown }>;
  /** Runs the app's appTerminate hooks. */
  terminate(): Promise<void>;
}

const supportedTriggers = ["serviceBusTrigger", "activityTrigger", "orchestrationTrigger", "entityTrigger", "httpTrigger", "timerTrigger"];

/**
 * Loads a built app as the Node worker does: the `main` of its package.json, then the appStart
 * hooks. Call it once in a process, because the library keeps its registrations for ever.
 */
export async function loadApp(directory: string): Promise<App> {
  let log: App["log"] = (entry) => console.error(entry.message);
  const registrations = installFunctionsCore((level, category, message) => writeLog({ level, category, message }));
  const { main } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as { main?: string };
  const files = main ? globSync(main, { cwd: directory }).sort() : [];
  if (files.length === 0) throw new Error(`No file matches "main" (${main}) in ${join(directory, "package.json")}: build the app first.`);
  for (const file of files) await import(pathToFileURL(join(directory, file)).href);

  const hookData = { appLevel: {}, app: {} };
  const runHooks = async (name: HookName, context: Record<string, unknown>) => {
    for (const hook of registrations.hooks[name]) await hook(context);
  };
  /** Runs the log hooks, which may change the line, and writes it. */
  function writeLog({ level, category, message, ...entry }: LogEntry, invocationContext?: unknown): void {
    const entryForHooks = { level, category, message, invocationContext, hookData: {} };
    for (const hook of registrations.hooks.log) hook(entryForHooks);
    log({ ...entry, category, level: entryForHooks.level, message: entryForHooks.message });
  }
  await runHooks("appStart", { hookData: hookData.appLevel, appHookData: hookData.app, functionAppDirectory: directory });
  const capabilities = await registrations.model?.getCapabilities?.({});
  if (capabilities?.HttpUri !== undefined) throw unsupportedError("enableHttpStream");
  registrations.locked = true;
  for (const { name, bindings } of registrations.functions) refuseUnsupported(name, Object.values(bindings));

  return {
    directory,
    functions: registrations.functions,
    get log() {
      return log;
    },
    set log(to) {
      log = to;
    },
    terminate: () => runHooks("appTerminate", { hookData: hookData.appLevel, appHookData: hookData.app }),

    async invoke(target, { trigger, triggerMetadata = {}, durableClient, traceParent = "", parsed }) {
      const { model } = registrations;
      if (!model) throw new Error("The app loaded no programming model (@azure/functions).");
      const invocationId = randomUUID();
      const inputData = Object.entries(target.bindings).flatMap(([name, binding]) => {
        if (isTrigger(binding)) return [{ name, data: trigger }];
        return binding.type === "durableClient" && durableClient !== undefined ? [{ name, data: { string: durableClient } }] : [];
      });
      const core = {
        invocationId,
        metadata: target.metadata,
        request: {
          invocationId,
          functionId: target.name,
          inputData,
          triggerMetadata,
          traceContext: { traceParent, traceState: "", attributes: {} },
        },
        state: undefined as string | undefined,
        log: (level: string, category: string, message: string): void =>
          writeLog({ level, category, message, function: target.name, invocationId }, context),
      };
      let context: unknown;
      const invocation = model.getInvocationModel(core);
      const { inputs, ...given } = await invocation.getArguments();
      context = given.context;
      if (parsed !== undefined) inputs[0] = parsed;
      const pre = {
        hookData: {},
        appHookData: hookData.app,
        invocationContext: context,
        functionCallback: target.callback as unknown,
        inputs,
      };
      core.state = "preInvocationHooks";
      await runHooks("preInvocation", pre);
      const post: Record<string, unknown> & { result: unknown; error: unknown } = { ...pre, result: null, error: null };
      core.state = "invocation";
      try {
        post.result = await invocation.invokeFunction(context, pre.inputs, pre.functionCallback);
      } catch (error) {
        post.error = error;
      }
      core.state = "postInvocationHooks";
      await runHooks("postInvocation", post);
      core.state = undefined;
      if (post.error !== null && post.error !== undefined) throw post.error;
      if (parsed !== undefined) return { returned: undefined, result: post.result };
      return { returned: (await invocation.getResponse(context, post.result)).returnValue, result: post.result };
    },
  };
}

/** Returns the trigger binding of a function. */
export function triggerOf(target: RegisteredFunction): Binding {
  const trigger = Object.values(target.bindings).find(isTrigger);
  if (!trigger) throw new Error(`The function ${target.name} has no trigger.`);
  return trigger;
}

/** Returns the functions of one trigger type. */
export function functionsOf(app: App, type: string): RegisteredFunction[] {
  return app.functions.filter((target) => triggerOf(target).type === type);
}

function isTrigger({ type }: Binding): boolean {
  return /trigger$/i.test(type);
}

function refuseUnsupported(name: string, bindings: readonly Binding[]): void {
  for (const binding of bindings) {
    const known = isTrigger(binding) ? supportedTriggers.includes(binding.type) : ["durableClient", "http"].includes(binding.type);
    const option =
      ["sdkBinding", "isSessionsEnabled"].find((option) => binding[option] === true) ??
      (binding["cardinality"] === "many" ? "cardinality many" : undefined);
    if (!known || option) throw unsupportedError(`${option ?? binding.type} (function ${name})`);
    if (binding["durableRequiresGrpc"] !== undefined) throw unsupportedError("durable-functions 4");
  }
}
