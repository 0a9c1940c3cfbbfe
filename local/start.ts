import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { sendAndAwait } from "./completion-client.ts";
import { readEngine } from "./engine-option.ts";
import { stepIn, told } from "./narration.ts";
import { NotPossible } from "./not-possible.ts";
import { type Engine, type Stack, startStack } from "./stack/index.ts";

// `npm start [-- request.json] [--engine extension]`: the main job, once, on a stack of its own.

const root = join(import.meta.dirname, "..");
const addresses = { requestQueue: "vpn-connection-requests", completionTopic: "vpn-connection-events" };
const colours = process.stdout.isTTY === true && !process.env["NO_COLOR"];
const stopRequested = new AbortController();
// A Ctrl-C may arrive more than once: from the terminal, and passed on by npm and the launcher.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopRequested.abort(signal));

const say = (line: string) => console.log(line);
try {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { engine: { type: "string", default: "sqlite" } } });
  process.exitCode = await main(positionals[0] ?? join(root, "examples", "vpn-connection.json"), readEngine(values.engine));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function main(requestFile: string, engine: Engine): Promise<number> {
  let request: Buffer;
  try {
    request = readFileSync(requestFile);
  } catch (error) {
    console.error(`The request cannot be read: ${error instanceof Error ? error.message : error}`);
    return 2;
  }
  say("Building the app …");
  execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", join(root, "build.ts")], { stdio: "inherit" });

  mkdirSync(join(root, ".local"), { recursive: true, mode: 0o700 });
  const dataDirectory = mkdtempSync(join(root, ".local", "start-"));
  let stack: Stack | undefined;
  try {
    let sentAt = performance.now();
    const onLine = (service: string, line: string) => {
      const step = stepIn(line);
      if (step) say(told(step, performance.now() - sentAt, colours));
      else if (isTrouble(line)) console.error(`[${service}] ${line}`);
    };
    say("Starting the local stack …");
    stack = await startStack({ dataDirectory, port: 0, serviceBusPort: 0, speed: 1, engine, shell: process.env, onLine, say });
    say(`  Service Bus       ${/Endpoint=([^;]+)/.exec(stack.endpoints.serviceBus)?.[1]}`);
    say(`  Resource Manager  ${stack.endpoints.resourceManager}`);
    say(`  Functions host    ${stack.endpoints.functionsHost}`);
    say(`Sending ${relative(process.cwd(), requestFile)} to the queue ${addresses.requestQueue} …`);
    sentAt = performance.now();
    const failed = stack.failed.then((reason) => {
      throw new Error(reason);
    });
    const message = await Promise.race([sendAndAwait(stack.endpoints.serviceBus, request, addresses, stopRequested.signal), failed]);
    say(`\nThe completion event, as the topic ${addresses.completionTopic} delivered it:`);
    say(JSON.stringify(message.body, null, 2));
    const { outcome } = message.body.data as { outcome: string };
    return outcome === "Succeeded" || outcome === "Planned" ? 0 : 1;
  } catch (error) {
    if (stopRequested.signal.aborted) return stopRequested.signal.reason === "SIGINT" ? 130 : 143;
    console.error(error instanceof Error ? error.message : error);
    return error instanceof NotPossible ? 2 : 1;
  } finally {
    await stack?.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

/** Lines of the host that a person has to see: warnings, errors, and whatever is not a log line at all. */
function isTrouble(line: string): boolean {
  try {
    const { level } = JSON.parse(line) as { level?: string };
    return level === "warning" || level === "error" || level === "critical";
  } catch {
    return line.trim() !== "";
  }
}
