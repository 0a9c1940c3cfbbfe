import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { CompletionEvent } from "../shared/contract/completion.ts";
import { defineCommand, runCommand, WrongUse } from "../tools/command-line.ts";
import { isCancellation } from "../tools/outgoing.ts";
import { sendAndAwait } from "../tools/send-and-await.ts";
import { buildApp } from "./build-app.ts";
import { engineOption, type Rough, roughOption, seedOf, toldOfRough } from "./command-options.ts";
import { messageIn, stepIn, told } from "./narration.ts";
import { colours, failureOfOutput } from "./output.ts";
import { type Engine, type Stack, startStack } from "./stack/index.ts";
import { whereTimeWent } from "./where-time-went.ts";

// `npm start`: the main job, once, on a separate stack.

const root = join(import.meta.dirname, "..");
const addresses = { requestQueue: "vpn-connection-requests", completionTopic: "vpn-connection-events" };
/** So long a failed request waits for the reason. */
const REASON_MS = 1_000;
const say = (line: string) => console.log(line);

interface Options {
  readonly engine: Engine;
  readonly rough?: Rough;
}

await runCommand(
  defineCommand("npm start", "Carries out one request on a local stack, and shows each step.", "npm start -- examples/minimal.json")
    .argument("[file]", "the request; examples/minimal.json if left out")
    .addOption(engineOption())
    .addOption(roughOption())
    .action(async (file: string | undefined, options: Options) => {
      process.exitCode = await start(file ?? join(root, "examples", "minimal.json"), options);
    }),
);

async function start(file: string, { engine, ...options }: Options): Promise<number> {
  const request = readRequest(file);
  // There is no request that it could cancel: the stack is new.
  if (isCancellation(request))
    throw new WrongUse(`${file} is a cancellation; npm start takes a request. Use npm run dev and npm run send.`);
  const rough = seedOf(options.rough);
  const stopRequested = new AbortController();
  // A Ctrl-C may arrive more than once: from the terminal, and passed on by npm and the launcher.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopRequested.abort(signal));
  const outputFailed = failureOfOutput();
  say("Building the app …");
  buildApp({ quiet: false });

  mkdirSync(join(root, ".local"), { recursive: true, mode: 0o700 });
  const dataDirectory = mkdtempSync(join(root, ".local", "start-"));
  let stack: Stack | undefined;
  let keepsData = false;
  try {
    let sentAt = performance.now();
    const onLine = (service: string, line: string) => {
      const step = stepIn(line);
      if (step) say(told(step, { at: new Date(), elapsedMs: performance.now() - sentAt, colours }));
      else if (isTrouble(line)) console.error(`[${service}] ${messageIn(line)}`);
    };
    say("Starting the local stack …");
    const onHost = (event: string, _pid: number, why = "") => event === "died" && console.error(why);
    const chosen = { engine, rough, speed: 1, port: 0, serviceBusPort: 0 };
    stack = await startStack({ ...chosen, dataDirectory, shell: process.env, onLine, onHost, say });
    if (rough !== undefined) say(`  ${toldOfRough(rough)}`);
    say(`  Service Bus       ${/Endpoint=([^;]+)/.exec(stack.endpoints.serviceBus)?.[1]}`);
    say(`  Resource Manager  ${stack.endpoints.resourceManager}`);
    say(`  Functions host    ${stack.endpoints.functionsHost}`);
    say(`Sending ${relative(process.cwd(), file)} to the queue ${addresses.requestQueue} …`);
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
    say(whereTimeWent(message.body as CompletionEvent, message.enqueuedTimeUtc ?? new Date()));
    say(`\nThe completion event, as the topic ${addresses.completionTopic} delivered it:`);
    say(JSON.stringify(message.body, null, 2));
    const { outcome } = message.body.data as { outcome: string };
    return outcome === "Succeeded" || outcome === "Planned" ? 0 : 1;
  } catch (error) {
    if (stopRequested.signal.aborted) return stopRequested.signal.reason === "SIGINT" ? 130 : 143;
    const message = error instanceof Error ? error.message : String(error);
    console.error(message);
    // The message may name a file there, such as a log, which must stay.
    keepsData = message.includes(dataDirectory);
    return error instanceof WrongUse ? 2 : 1;
  } finally {
    await stack?.stop();
    if (!keepsData) rmSync(dataDirectory, { recursive: true, force: true });
  }
}

function readRequest(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") throw new WrongUse(`There is no file ${file}.`);
    if (code === "EISDIR") throw new WrongUse(`${file} is a folder; npm start takes one file. For a folder use npm run send.`);
    throw new WrongUse(`The file ${file} cannot be read (${code}). Check its permissions.`);
  }
}

/** Whether a person must see a line of the host: a warning, an error, or no log line at all. */
function isTrouble(line: string): boolean {
  try {
    const { level } = JSON.parse(line) as { level?: string };
    return level === "warning" || level === "error" || level === "critical";
  } catch {
    return line.trim() !== "";
  }
}
