import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { FromChild, Invocation, Outcome, Start, Started, ToChild } from "./protocol.ts";

const LONGEST_STOP_MS = 60_000;

/** The running .NET child. */
export interface ExtensionChild {
  readonly started: Started;
  /** Resolves with how it ended, as part of a sentence. */
  readonly ended: Promise<string>;
  /** Waits until everything that runs has ended. */
  stop(): Promise<void>;
  kill(): void;
}

/**
 * Starts the .NET child and runs its invocations. Instances of a former process may continue before
 * the child is ready. Throws if it does not start.
 */
export async function startExtensionChild(options: {
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly start: Start;
  readonly invoke: (invocation: Invocation) => Promise<Outcome>;
  readonly log: (line: string) => void;
}): Promise<ExtensionChild> {
  const { program, env, start, invoke, log } = options;
  const child = spawn("dotnet", [program], { env: env as NodeJS.ProcessEnv, stdio: ["pipe", "pipe", "pipe"] });
  const { promise: started, resolve, reject } = Promise.withResolvers<Started>();
  const ended = new Promise<string>((tell) => {
    child.once("exit", (code, signal) => tell(signal ? `was ended by ${signal}` : `ended with ${code}`));
    child.once("error", ({ message }) => tell(`could not be started: ${message}`));
  });
  void ended.then((how) => reject(new Error(`The Durable Task extension ${how} before it was ready.`)));
  // The child may have ended before a write. That is reported above.
  child.stdin.on("error", () => {});
  const send = (message: ToChild) => child.stdin.write(`${JSON.stringify(message)}\n`);
  createInterface({ input: child.stderr }).on("line", log);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message = JSON.parse(line) as FromChild;
    if (message.type === "invoke") void invoke(message).then(send);
    else if (message.type === "started") resolve(message);
    else reject(new Error(`The Durable Task extension did not start: ${message.message}`));
  });
  send(start);
  return {
    started: await started.catch((error: unknown) => {
      child.kill("SIGKILL");
      throw error;
    }),
    ended,
    async stop() {
      send({ type: "stop" });
      const tooLate = setTimeout(() => child.kill("SIGKILL"), LONGEST_STOP_MS);
      await ended;
      clearTimeout(tooLate);
    },
    kill: () => void child.kill("SIGKILL"),
  };
}
