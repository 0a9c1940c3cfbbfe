import { randomUUID } from "node:crypto";
import { leftovers } from "./support/leftovers.ts";

const runId = randomUUID();

/** Marks every process that the tests start. */
export function globalSetup(): void {
  process.env["VPN_STACK_RUN_ID"] = runId;
}

/** Fails the run when a marked process is still there, and ends it. */
export function globalTeardown(): void {
  const left = leftovers(runId);
  if (left.length === 0) return;
  // The runner fails on the error but does not show it.
  console.error(`The tests left processes behind:\n${left.join("\n")}`);
  for (const line of left) process.kill(Number.parseInt(line, 10), "SIGKILL");
  throw new Error("processes were left behind");
}
