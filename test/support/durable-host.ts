import { join } from "node:path";
import { startChild } from "../../local/stack/child.ts";
import { createChildEnvironment, type Environment } from "../../local/stack/environment.ts";

const root = join(import.meta.dirname, "..", "..");

/**
 * Runs the local functions host as its own process, on the app of the conformance suite;
 * `more` are arguments and settings beside that.
 */
export async function startDurableHost(
  dataDirectory: string,
  onLine: (line: string) => void = () => {},
  { args = [], settings = {} }: { args?: readonly string[]; settings?: Environment } = {},
) {
  const child = await startChild(join(root, "local", "functions-host", "main.ts"), {
    title: "The functions host",
    args: ["--app", join(root, "test", "conformance", "durable-app"), "--port", "0", "--data-dir", dataDirectory, ...args],
    env: createChildEnvironment(process.env, process.env["VPN_STACK_RUN_ID"] ?? "durable-host", settings),
    onLine,
  });
  return { ...child, url: String(child.ready["url"]) };
}
