import { spawn } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

export type Tool = "send" | "cancel" | "validate" | "keys";

/**
 * Starts a command of tools/ as npm does, without npm in between. Its standard input is `input`.
 */
export function startCommand(tool: Tool, args: readonly string[], { env = {}, input = "", cwd = root } = {}) {
  const child = spawn(process.execPath, [join(root, "local", "node.js"), join(root, "tools", `${tool}.ts`), ...args], {
    cwd,
    // Neither the stack of this checkout nor a setting of this shell counts.
    env: { ...process.env, ServiceBus: "", REQUEST_QUEUE: "vpn-connection-requests", COLUMNS: "", NO_COLOR: "", ...env },
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk));
  child.stdin.on("error", () => {}).end(input);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, ended, out: () => out, err: () => err };
}

/** Runs a command to its end. */
export async function runCommand(...given: Parameters<typeof startCommand>) {
  const { ended, out, err } = startCommand(...given);
  const code = await ended;
  return { code, out: out(), err: err() };
}
