import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { sendAndAwait } from "../tools/send-and-await.ts";
import { readEngine } from "./engine-option.ts";
import { stepIn, told } from "./narration.ts";
import { NotPossible } from "./not-possible.ts";
import { failureOfOutput } from "./output.ts";
import { takeRough, toldOfRough } from "./rough-option.ts";
import { type Stack, startStack } from "./stack/index.ts";

// `npm start [-- request.json] [--engine extension] [--rough SEED]`: the main job, once, on a stack of its own.

const root = join(import.meta.dirname, "..");
const addresses = { requestQueue: "vpn-connection-requests", completionTopic: "vpn-connection-events" };
const colours = process.stdout.isTTY === true && !process.env["NO_COLOR"];
const stopRequested = new AbortController();
// A Ctrl-C may arrive more than once: from the terminal, and passed on by npm and the launcher.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopRequested.abort(signal));

/** So long a failed request waits for the reason. */
const REASON_MS = 1_000;
const outputFailed = failureOfOutput();
const say = (line: string) => console.log(line);
process.exitCode = await main();

async function main(): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  const { rough, engine, requestFile } = options;
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
  let keepsData = false;
  try {
    let sentAt = performance.now();
    const onLine = (service: string, line: string) => {
      const step = stepIn(line);
      if (step) say(told(step, performance.now() - sentAt, colours));
      else if (isTrouble(line)) console.error(`[${service}] ${line}`);
    };
    say("Starting the local stack …");
    const onHost = (event: string, _pid: number, why = "") => event === "died" && console.error(why);
    stack = await startStack({
      dataDirectory,
      port: 0,
      serviceBusPort: 0,
      speed: 1,
      engine,
      rough,
      shell: process.env,
      onLine,
      onHost,
      say,
    });
    if (rough !== undefined) say(`  ${toldOfRough(rough)}`);
    say(`  Service Bus       ${/Endpoint=([^;]+)/.exec(stack.endpoints.serviceBus)?.[1]}`);
    say(`  Resource Manager  ${stack.endpoints.resourceManager}`);
    say(`  Functions host    ${stack.endpoints.functionsHost}`);
    say(`Sending ${relative(process.cwd(), requestFile)} to the queue ${addresses.requestQueue} …`);
    sentAt = performance.now();
    const failed = Promise.race([stack.failed, outputFailed]).then((reason) => {
      throw new Error(reason);
    });
    const answer = sendAndAwait(stack.endpoints.serviceBus, request, addresses, stopRequested.signal).catch(async (error: unknown) => {
      // If the broker ended, the client knows it before the stack says why.
      if (!stopRequested.signal.aborted) await Promise.race([failed, pause(REASON_MS)]);
      throw error;
    });
    const message = await Promise.race([answer, failed]);
    say(`\nThe completion event, as the topic ${addresses.completionTopic} delivered it:`);
    say(JSON.stringify(message.body, null, 2));
    const { outcome } = message.body.data as { outcome: string };
    return outcome === "Succeeded" || outcome === "Planned" ? 0 : 1;
  } catch (error) {
    if (stopRequested.signal.aborted) return stopRequested.signal.reason === "SIGINT" ? 130 : 143;
    const message = error instanceof Error ? error.message : String(error);
    console.error(message);
    // It may name the log or another file that must be looked at.
    keepsData = message.includes(dataDirectory);
    return error instanceof NotPossible ? 2 : 1;
  } finally {
    await stack?.stop();
    if (!keepsData) rmSync(dataDirectory, { recursive: true, force: true });
  }
}

function readOptions() {
  const { rough, rest } = takeRough(process.argv.slice(2));
  const { values, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: { engine: { type: "string", default: "sqlite" } },
  });
  return { rough, engine: readEngine(values.engine), requestFile: positionals[0] ?? join(root, "examples", "vpn-connection.json") };
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
