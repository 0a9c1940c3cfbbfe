import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Control } from "../service-process.ts";
import { describeEnding } from "./ending.ts";
import type { Environment } from "./environment.ts";

/** A child that has not ended after this time is killed. */
const STOP_TIMEOUT_MS = 10_000;
/** .NET may need half a minute if the machine is busy. */
const START_TIMEOUT_MS = 60_000;
/**
 * How many of the last lines on stderr are kept. A crash because memory ran out ends with about
 * thirty.
 */
const MOST_ERRORS = 60;

/** One service of the stack, as its parent sees it. */
export interface Child {
  readonly ready: Readonly<Record<string, unknown>>;
  readonly pid: number;
  /** Resolves with the exit code when the process has ended, or with null if a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Returns why it ended, with its last errors and the path of its log. */
  describeEnding(): string;
  /**
   * Runs one of the controls of the service (see service-process.ts). Resolves when it is done.
   * Rejects if the process ends.
   */
  callControl(control: string, argument?: unknown): Promise<void>;
  stop(): Promise<void>;
}

/** What to start, and for whom. */
export interface Starting {
  readonly args: readonly string[];
  readonly env: Environment;
  readonly onLine: (line: string) => void;
  /** The name of the service in messages. */
  readonly title: string;
  /** The path of its log. */
  readonly log?: string;
}

/**
 * Starts a service (see service-process.ts) and waits for its ready line. Later lines go to
 * `onLine`. If the service ends before it is ready, rejects with what it wrote to stderr. The IPC
 * channel closes when this process dies, and the child ends then.
 */
export async function startChild(script: string, { args, env, onLine, title, log }: Starting): Promise<Child> {
  const nodeOptions = ["--disable-warning=ExperimentalWarning", "--enable-source-maps"];
  const child = spawn(process.execPath, [...nodeOptions, script, ...args], {
    env: env as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  // Not `exit`: the last output may come after it.
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const errors: string[] = [];
  const hide = createSecretFilter(env);
  createInterface({ input: child.stderr ?? process.stdin }).on("line", (line) => {
    errors.push(hide(line));
    if (errors.length > MOST_ERRORS) errors.shift();
    onLine(line);
  });
  const endingOfChild = () =>
    describeEnding(title, {
      code: child.exitCode,
      signal: child.signalCode,
      errors,
      log: log !== undefined && existsSync(log) ? log : undefined,
    });
  const ready = await waitUntilReady(child, ended, onLine).catch((error: Error) => {
    const killed = child.signalCode !== null;
    child.kill("SIGKILL");
    throw new Error(killed ? endingOfChild() : errors.join("\n") || error.message);
  });
  return {
    ready,
    pid: child.pid ?? 0,
    ended,
    describeEnding: endingOfChild,
    callControl: (control, argument) => callControl(child, ended, { control, argument }),
    stop: () => stop(child, ended),
  };
}

/** Returns a function that removes the secrets of an environment from a line. */
function createSecretFilter(env: Environment): (line: string) => string {
  const secrets = Object.entries(env).flatMap(([name, value]) =>
    /^SEALING_KEYS$|IDENTITY_HEADER|SECRET|PASSWORD/.test(name) ? (value?.match(/[\w+/=.~-]{16,}/g) ?? []) : [],
  );
  return (line) => secrets.reduce((text, secret) => text.replaceAll(secret, "…"), line);
}

async function callControl(child: ChildProcess, ended: Promise<unknown>, control: Control): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onDone = (name: unknown) => name === control.control && resolve();
  child.on("message", onDone);
  child.send(control, (error) => error && reject(error));
  void ended.then(() => reject(new Error(`${child.spawnargs[3]} ended before it had finished ${control.control}`)));
  await promise.finally(() => child.off("message", onDone));
}

function waitUntilReady(child: ChildProcess, ended: Promise<unknown>, onLine: (line: string) => void): Promise<Record<string, unknown>> {
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
