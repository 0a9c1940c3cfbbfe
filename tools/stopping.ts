import { InvalidArgumentError } from "commander";

/** Why a command stopped waiting before it had every answer. */
export type Stop = "SIGINT" | "SIGTERM" | "SIGHUP" | "timeout";

const exitCodes: Record<Stop, number> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, timeout: 1 };

/**
 * Returns a signal that is aborted by Ctrl-C, by another signal to end, and after `seconds`. Its
 * reason is a `Stop`.
 */
export function stopSignal(seconds?: number): AbortSignal {
  const controller = new AbortController();
  const stop = (reason: Stop) => controller.abort(reason);
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => stop(name));
  if (seconds !== undefined) setTimeout(() => stop("timeout"), seconds * 1000).unref();
  return controller.signal;
}

/** Returns the exit code of a command that was stopped. */
export function exitCodeOf({ reason }: AbortSignal): number {
  return exitCodes[reason as Stop];
}

/** Returns why a command was stopped. */
export function stopText({ reason }: AbortSignal, seconds?: number): string {
  return reason === "timeout" ? `Not every answer came within ${seconds} s.` : "Stopped before every answer came.";
}

/** Reads the value of `--timeout`. */
export function readSeconds(text: string): number {
  const seconds = Number(text);
  // A timer of Node lasts for 2^31 ms at most.
  if (text.trim() === "" || !(seconds > 0 && seconds <= 2_000_000))
    throw new InvalidArgumentError("It takes a number of seconds, such as 60.");
  return seconds;
}
