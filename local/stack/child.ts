import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Control } from "../service-process.ts";
import { describeEnding } from "./ending.ts";
import type { Environment } from "./environment.ts";

/** A child gets this long to end by itself before it is killed. */
const STOP_TIMEOUT_MS = 10_000;
/** .NET may need half a minute on a machine that is busy otherwise. */
const START_TIMEOUT_MS = 60_000;
/** So many of the last lines on stderr are kept: a crash for want of memory ends with some thirty. */
const MOST_ERRORS = 60;

/** One service of the stack as its parent sees it. */
export interface Child {
  readonly ready: Readonly<Record<string, unknown>>;
  readonly pid: number;
  /** Resolves when the process has ended, with its exit code, or null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Says why it ended, with its last errors and where its whole log is. */
  ending(): string;
  /** Has the service do one of its controls (see service-process.ts); resolves when that is done, rejects when the process is gone. */
  tell(control: string, argument?: unknown): Promise<void>;
  stop(): Promise<void>;
}

/** What is started, and for whom. */
export interface Starting {
  readonly args: readonly string[];
  readonly env: Environment;
  readonly onLine: (line: string) => void;
  /** What sentences call the service. */
  readonly title: string;
  /** Where its whole log is kept, from its first line on. */
  readonly log?: string;
}

/**
 * Starts a service (see service-process.ts) and waits for its ready line; the lines after it go to `onLine`. Rejects with what the service wrote to
 * stderr when it ends before it is ready. The IPC channel tells the child when this process dies, so that nothing is left behind.
 */
export async function startChild(script: string, { args, env, onLine, title, log }: Starting): Promise<Child> {
  const nodeOptions = ["--disable-warning=ExperimentalWarning", "--enable-source-maps"];
  const child = spawn(process.execPath, [...nodeOptions, script, ...args], {
    env: env as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  // Not `exit`: what it wrote last may come later.
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const errors: string[] = [];
  const hide = secretsHidden(env);
  createInterface({ input: child.stderr ?? process.stdin }).on("line", (line) => {
    errors.push(hide(line));
    if (errors.length > MOST_ERRORS) errors.shift();
    onLine(line);
  });
  const ending = () =>
    describeEnding(title, {
      code: child.exitCode,
      signal: child.signalCode,
      errors,
      log: log !== undefined && existsSync(log) ? log : undefined,
    });
  const ready = await readyOf(child, ended, onLine).catch((error: Error) => {
    const killed = child.signalCode !== null;
    child.kill("SIGKILL");
    throw new Error(killed ? ending() : errors.join("\n") || error.message);
  });
  return {
    ready,
    pid: child.pid ?? 0,
    ended,
    ending,
    tell: (control, argument) => tell(child, ended, { control, argument }),
    stop: () => stop(child, ended),
  };
}

/** Returns the function that takes the secrets of an environment out of a line. */
function secretsHidden(env: Environment): (line: string) => string {
  const secrets = Object.entries(env).flatMap(([name, value]) =>
    /^SEALING_KEYS$|IDENTITY_HEADER|SECRET|PASSWORD/.test(name) ? (value?.match(/[\w+/=.~-]{16,}/g) ?? []) : [],
  );
  return (line) => secrets.reduce((text, secret) => text.replaceAll(secret, "…"), line);
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
