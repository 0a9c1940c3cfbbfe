import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readEngine } from "./engine-option.ts";
import { stepIn, told } from "./narration.ts";
import { NotPossible } from "./not-possible.ts";
import { failureOfOutput } from "./output.ts";
import { rebuildOnChange } from "./rebuild.ts";
import { takeRough, toldOfRough } from "./rough-option.ts";
import { type Stack, startStack } from "./stack/index.ts";
import { announce } from "./stack/running.ts";

// `npm run dev`: the stack stays up until it is stopped, and prints where everything is.

const root = join(import.meta.dirname, "..");
const defaultDirectory = join(root, ".local");
const colours = process.stdout.isTTY === true && !process.env["NO_COLOR"];
const stopRequested = Promise.withResolvers<string>();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopRequested.resolve(signal));

const outputFailed = failureOfOutput();

try {
  const options = readOptions();
  const { rough } = options;
  execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", join(root, "build.ts"), "--quiet"], { stdio: ["ignore", 2, 2] });
  const startedAt = performance.now();
  const onLine = (service: string, line: string) => {
    const step = stepIn(line);
    if (options.json) console.log(line);
    else console.log(step ? told(step, performance.now() - startedAt, colours) : `[${service}] ${line}`);
  };
  const onHost = (event: string, pid: number, why?: string) =>
    options.json ||
    console.log(`[functions-host] ${event === "died" ? `${why}\n[functions-host] It is started again.` : `back as process ${pid}`}`);
  const stack = await startStack({ ...options, shell: process.env, onLine, onHost, say: (line) => console.error(line) });
  const withdraw = announce(options.dataDirectory, stack.endpoints);
  const endRebuilding = rebuildOnChange(root, (fault) => {
    if (fault) return console.error(`The app does not build; the one before goes on.\n${fault}`);
    void stack.restartHost();
  });
  console.log(
    options.json
      ? JSON.stringify({ ready: { ...stack.endpoints, hostPid: stack.hostPid(), ...(rough === undefined ? {} : { rough }) } })
      : screen(stack.endpoints, options.dataDirectory, rough),
  );
  const failure = await Promise.race([stack.failed, outputFailed, stopRequested.promise.then(() => undefined)]);
  if (failure) console.error(failure);
  endRebuilding();
  withdraw();
  await stack.stop();
  process.exitCode = failure ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof NotPossible ? 2 : 1;
}

function readOptions() {
  const { rough, rest } = takeRough(process.argv.slice(2));
  const { values } = parseArgs({
    args: rest,
    options: {
      port: { type: "string", default: "7071" },
      "service-bus-port": { type: "string", default: "5672" },
      "arm-endpoint": { type: "string" },
      "data-dir": { type: "string", default: defaultDirectory },
      speed: { type: "string", default: "1" },
      engine: { type: "string", default: "sqlite" },
      json: { type: "boolean", default: false },
    },
  });
  const number = (name: "port" | "service-bus-port" | "speed", least: number, most: number) => {
    const value = values[name].trim() === "" ? Number.NaN : Number(values[name]);
    if (!(value >= least && value <= most)) throw new Error(`--${name} takes a number from ${least} to ${most}; found ${values[name]}`);
    return value;
  };
  const port = (name: "port" | "service-bus-port") => {
    const value = number(name, 0, 65_535);
    if (!Number.isInteger(value)) throw new Error(`--${name} takes a whole number; found ${values[name]}`);
    return value;
  };
  const armEndpoint = values["arm-endpoint"];
  if (armEndpoint !== undefined && !(URL.canParse(armEndpoint) && new URL(armEndpoint).protocol === "https:")) {
    throw new Error(`--arm-endpoint takes an https URL; found ${armEndpoint}`);
  }
  return {
    port: port("port"),
    serviceBusPort: port("service-bus-port"),
    speed: number("speed", 0.001, 100_000),
    engine: readEngine(values.engine),
    // In full, because what is printed of it is for other directories, too.
    dataDirectory: resolve(values["data-dir"]),
    json: values.json,
    rough,
    ...(armEndpoint === undefined ? {} : { armEndpoint: new URL(armEndpoint).origin }),
  };
}

function screen(endpoints: Stack["endpoints"], dataDirectory: string, rough: number | undefined): string {
  // A stack elsewhere is not found by itself.
  const where = dataDirectory === defaultDirectory ? "" : `ServiceBus='${endpoints.serviceBus}' `;
  return [
    "",
    ...(rough === undefined ? [] : [`  ${toldOfRough(rough)}`, ""]),
    `  Functions host    ${endpoints.functionsHost}`,
    `  Resource Manager  ${endpoints.resourceManager}`,
    ...(endpoints.keyVault === null ? [] : [`  Key Vault         ${endpoints.keyVault}`]),
    `  Certificates      NODE_EXTRA_CA_CERTS='${endpoints.caFile}'`,
    `  Service Bus       ${endpoints.serviceBus}`,
    "",
    `  Send a request:   ${where}npm run send -- examples/minimal.json`,
    "  Stop:             Ctrl-C",
    "",
  ].join("\n");
}
