import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import { defineCommand, runCommand } from "../tools/command-line.ts";
import { buildApp } from "./build-app.ts";
import { engineOption, numberReader, type Rough, roughOption, seedOf, toldOfRough } from "./command-options.ts";
import { messageIn, stepIn, told } from "./narration.ts";
import { colours, failureOfOutput } from "./output.ts";
import { rebuildOnChange } from "./rebuild.ts";
import { type Engine, type Stack, startStack } from "./stack/index.ts";
import { announce } from "./stack/running.ts";
import { type AnswerTrace, startTelemetry } from "./telemetry/index.ts";
import { waterfallOf } from "./telemetry/waterfall.ts";

// `npm run dev`: the stack stays up until it is stopped, and prints where everything is.

const root = join(import.meta.dirname, "..");
const defaultDirectory = join(root, ".local");

interface Options {
  readonly port: number;
  readonly serviceBusPort: number;
  readonly armEndpoint?: string;
  readonly dataDir: string;
  readonly speed: number;
  readonly engine: Engine;
  readonly rough?: Rough;
  readonly traces?: string | true;
  readonly json?: true;
}

const readPort = numberReader({ least: 0, most: 65_535, whole: true });

await runCommand(
  defineCommand("npm run dev", "Runs the local stack until Ctrl-C, and prints where everything is.", "npm run dev -- --port 0 --json")
    .option("--port <port>", "port of the functions host; 0 takes a free one", readPort, 7071)
    .option("--service-bus-port <port>", "port of the broker; 0 takes a free one", readPort, 5672)
    .option("--arm-endpoint <url>", "use this Resource Manager instead of the simulated one", readOrigin)
    .option("--data-dir <folder>", "where everything is kept", readFolder, defaultDirectory)
    .option("--speed <factor>", "how many times as fast as real time", numberReader({ least: 0.001, most: 100_000 }), 1)
    .addOption(engineOption())
    .addOption(roughOption())
    .option("--traces [url]", "print where the time of each request went; or send the app's traces to this OTLP receiver", readReceiver)
    .option("--json", "print JSON lines: the log, the endpoints, and what happens to the host")
    .action(dev),
);

async function dev({ dataDir: dataDirectory, json, traces, ...options }: Options): Promise<void> {
  const rough = seedOf(options.rough);
  const stopRequested = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopRequested.resolve());
  const outputFailed = failureOfOutput();
  buildApp({ quiet: true });
  const startedAt = performance.now();
  const onLine = (service: string, line: string) => {
    const step = stepIn(line);
    if (json) console.log(line);
    else
      console.log(
        step ? told(step, { at: new Date(), elapsedMs: performance.now() - startedAt, colours }) : `[${service}] ${messageIn(line)}`,
      );
  };
  const onHost = (event: "died" | "back", pid: number, why?: string) =>
    console.log(json ? JSON.stringify({ host: { event, pid, why } }) : `[functions-host] ${toldOfHost(event, pid, why)}`);
  const onAnswer = (trace: AnswerTrace) => console.log(json ? JSON.stringify({ trace }) : waterfallOf(trace));
  const telemetry = traces === true ? await startTelemetry(onAnswer) : undefined;
  const receiver = telemetry?.url ?? traces;
  const stack = await startStack({
    ...options,
    rough,
    ...(typeof receiver === "string" ? { settings: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver } } : {}),
    dataDirectory,
    shell: process.env,
    onLine,
    onHost,
    say: (line) => console.error(line),
  });
  const withdraw = announce(dataDirectory, stack.endpoints);
  const endRebuilding = rebuildOnChange(root, (fault) => {
    if (fault) return console.error(`The app does not build; the one before goes on.\n${fault}`);
    void stack.restartHost();
  });
  console.log(
    json
      ? JSON.stringify({
          ready: {
            ...stack.endpoints,
            ...(telemetry ? { telemetry: telemetry.url } : {}),
            hostPid: stack.hostPid(),
            ...(rough === undefined ? {} : { rough }),
          },
        })
      : screen(stack.endpoints, dataDirectory, rough, telemetry?.url),
  );
  const failure = await Promise.race([stack.failed, outputFailed, stopRequested.promise]);
  if (failure) console.error(failure);
  endRebuilding();
  withdraw();
  await stack.stop();
  telemetry?.close();
  process.exitCode = failure ? 1 : 0;
}

function readOrigin(url: string): string {
  if (URL.canParse(url) && new URL(url).protocol === "https:") return new URL(url).origin;
  throw new InvalidArgumentError("It takes an https URL.");
}

function readReceiver(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw new InvalidArgumentError("It takes an http or https URL, such as http://localhost:4318.");
}

/** Returns the whole path, because what is printed of it is for other directories, too. */
function readFolder(folder: string): string {
  let there = resolve(folder);
  while (!existsSync(there)) there = dirname(there);
  if (!statSync(there).isDirectory()) throw new InvalidArgumentError(`It takes a folder, and ${there} is a file.`);
  return resolve(folder);
}

function toldOfHost(event: "died" | "back", pid: number, why = ""): string {
  return event === "died" ? `${why}\n[functions-host] It is started again.` : `back as process ${pid}`;
}

function screen(endpoints: Stack["endpoints"], dataDirectory: string, rough: number | undefined, telemetry: string | undefined): string {
  // `npm run send` finds only the stack in the default folder.
  const where = dataDirectory === defaultDirectory ? "" : `ServiceBus='${endpoints.serviceBus}' `;
  return [
    "",
    ...(rough === undefined ? [] : [`  ${toldOfRough(rough)}`, ""]),
    `  Functions host    ${endpoints.functionsHost}`,
    `  Resource Manager  ${endpoints.resourceManager}`,
    ...(endpoints.keyVault === null ? [] : [`  Key Vault         ${endpoints.keyVault}`]),
    `  Certificates      NODE_EXTRA_CA_CERTS='${endpoints.caFile}'`,
    `  Service Bus       ${endpoints.serviceBus}`,
    ...(telemetry === undefined ? [] : [`  Traces            ${telemetry}/local/traces/<instance>`]),
    "",
    `  Send a request:   ${where}npm run send -- examples/minimal.json`,
    "  Stop:             Ctrl-C",
    "",
  ].join("\n");
}
