import Module from "node:module";
import { unsupportedError } from "../unsupported-error.ts";
import type { TypedData } from "./typed-data.ts";

/** One binding of a function as `@azure/functions` registers it. */
export interface Binding {
  readonly type: string;
  readonly direction: "in" | "out";
  readonly [option: string]: unknown;
}

/** One registered function. */
export interface RegisteredFunction {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly metadata: object;
  readonly callback: (...args: unknown[]) => unknown;
}

/**
 * The object that runs one invocation; see durable-functions and @azure/functions 4.16.5 for the
 * contract.
 */
export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: unknown): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ outputData: { name: string; data: TypedData }[]; returnValue?: TypedData }>;
}

interface ProgrammingModel {
  readonly name: string;
  getInvocationModel(coreContext: object): InvocationModel;
  getCapabilities?(capabilities: object): Promise<{ readonly HttpUri?: string }>;
}

interface Metadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: object;
}

type Hook = (context: Record<string, unknown>) => unknown;
export type HookName = "preInvocation" | "postInvocation" | "appStart" | "appTerminate" | "log";

/** What an app has registered, and its programming model. */
export interface Registrations {
  readonly functions: RegisteredFunction[];
  readonly hooks: Readonly<Record<HookName, Hook[]>>;
  model: ProgrammingModel | undefined;
  locked: boolean;
}

class Disposable {
  readonly #release: () => void;
  constructor(release: () => void) {
    this.#release = release;
  }
  static from(...disposables: { dispose(): void }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }
  dispose(): void {
    this.#release();
  }
}

/**
 * Provides `@azure/functions-core`, a module that exists only inside a Functions host. An app
 * registers everything through it. Call this before the app is loaded: the library tries to load it
 * once, and remembers a failure for ever. It is intercepted at the same place as in the real worker
 * (https://github.com/Azure/azure-functions-nodejs-worker/blob/v3.x/src/setupCoreModule.ts).
 */
export function installFunctionsCore(log: (level: string, category: string, message: string) => void): Registrations {
  const registrations: Registrations = {
    functions: [],
    hooks: { preInvocation: [], postInvocation: [], appStart: [], appTerminate: [], log: [] },
    model: undefined,
    locked: false,
  };
  const core = {
    version: "3.12.0",
    hostVersion: "4.1041.0",
    Disposable,
    registerFunction(metadata: Metadata, callback: RegisteredFunction["callback"]) {
      if (metadata.retryOptions !== undefined) throw unsupportedError(`retry policies (function ${metadata.name})`);
      if (registrations.locked) throw new Error("A function can only be registered during app startup.");
      if (registrations.functions.some(({ name }) => name.toLowerCase() === metadata.name.toLowerCase())) {
        throw new Error(`A function with id "${metadata.name}" has already been registered.`);
      }
      const registered = {
        name: metadata.name,
        bindings: metadata.bindings,
        metadata: { ...metadata, functionId: metadata.name },
        callback,
      };
      registrations.functions.push(registered);
      return new Disposable(() => registrations.functions.splice(registrations.functions.indexOf(registered), 1));
    },
    registerHook(name: string, hook: Hook) {
      const hooks = registrations.hooks[name as HookName] as Hook[] | undefined;
      if (!hooks) throw Object.assign(new RangeError(`Unrecognized hook "${name}"`), { isAzureFunctionsSystemError: true });
      hooks.push(hook);
      return new Disposable(() => hooks.splice(hooks.indexOf(hook), 1));
    },
    setProgrammingModel(model: ProgrammingModel) {
      registrations.model = model;
    },
    getProgrammingModel: () => registrations.model,
    log,
  };
  const loader = Module as unknown as { _load(request: string, ...rest: unknown[]): unknown };
  const load = loader._load;
  loader._load = function (request, ...rest) {
    return request === "@azure/functions-core" ? core : load.call(this, request, ...rest);
  };
  return registrations;
}
