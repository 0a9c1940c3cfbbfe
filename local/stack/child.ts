import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Control } from "../service-process.ts";
import type { Environment } from "./environment.ts";

/** A child gets this long to end by itself before it is killed. */
const STOP_TIMEOUT_MS = 10_000;
/** .NET may need half a minute on a machine that is busy otherwise. */
const START_TIMEOUT_MS = 60_000;

/** One service of the stack as its parent sees it. */
export interface Child {
  readonly ready: Readonly<Record<string, unknown>>;
  readonly pid: number;
  /** Resolves when the process has ended, with its exit code, or null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Has the service do one of its controls (see service-process.ts); resolves when that is done, rejects when the process is gone. */
  tell(control: string, argument?: unknown): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a service (see service-process.ts) and waits for its ready line; the lines after it go to `onLine`. Rejects with what the service wrote to
 * stderr when it ends before it is ready. The IPC channel tells the child when this process dies, so that nothing is left behind.
 */
export async function startChild(
  script: string,
  args: readonly string[],
  env: Environment,
  onLine: (line: string) => void,
): Promise<Child> {
  const nodeOptions = ["--disable-warning=ExperimentalWarning", "--enable-source-maps"];
  const child = spawn(process.execPath, [...nodeOptions, script, ...args], {
    env: env as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const errors: string[] = [];
  createInterface({ input: child.stderr ?? process.stdin }).on("line", (line) => {
    if (errors.length < 50) errors.push(line);
    onLine(line);
  });
  const ready = await readyOf(child, ended, onLine).catch((error: Error) => {
    child.kill("SIGKILL");
    throw new Error(errors.join("\n") || error.message);
  });
  return {
    ready,
    pid: child.pid ?? 0,
    ended,
    tell: (control, argument) => tell(child, ended, { control, argument }),
    stop: () => stop(child, ended),
  };
}

async function tell(child: ChildProcess, ended: Promise<unknown>, told: Control): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const done = (name: unknown) => name === told.control && resolve();
  child.on("message", done);
  child.send(told, (error) => error && reject(error));
  void ended.then(() => reject(new Error(`${child.spawnargs[3]} ended before it had done ${told.control}`)));
  await promise.finally(() => child.off("message", done));
}

function readyOf(child: ChildProcess, ended: Promise<unknown>, onLine: (line: string) => void): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(
      () => reject(new Error(`${child.spawnargs[3]} was not ready within ${START_TIMEOUT_MS / 1000} s`)),
      START_TIMEOUT_MS,
    );
    createInterface({ input: child.stdout ?? process.stdin }).on("line", (line) => {
      const ready = line.startsWith('{"ready":') ? (JSON.parse(line) as { ready: Record<string, unknown> }).ready : undefined;
      if (!ready) return onLine(line);
      clearTimeout(timeout);
      resolve(ready);
    });
    child.once("error", reject);
    void ended.then(() => {
      clearTimeout(timeout);
      reject(new Error(`${child.spawnargs[3]} ended before it was ready`));
    });
  });
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill("SIGTERM");
  const timeout = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timeout);
}
