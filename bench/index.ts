import { Argument } from "commander";
import { engineOption } from "../local/command-options.ts";
import type { Engine } from "../local/stack/index.ts";
import { defineCommand, runCommand, WrongUse } from "../tools/command-line.ts";
import { benchBroker } from "./broker.ts";
import { benchBurst } from "./burst.ts";
import { benchColdStart } from "./cold-start.ts";
import { benchExtension } from "./extension.ts";
import { benchInstances } from "./instances.ts";
import { benchLatency } from "./latency.ts";
import { benchLease } from "./lease.ts";
import { benchLoad } from "./load.ts";
import { describeMachine } from "./measure.ts";
import { benchReady } from "./ready.ts";
import { benchSimulate } from "./simulate.ts";
import { benchThroughput } from "./throughput.ts";
import { benchTraces } from "./traces.ts";
import { benchValidate } from "./validate.ts";

// `npm run bench` runs all benchmarks, `npm run bench -- validate` runs one, and
// `npm run bench -- --engine extension` runs the one of the Durable Task extension.

const benches: Readonly<Record<string, () => string | Promise<string>>> = {
  validate: benchValidate,
  lease: benchLease,
  "cold-start": benchColdStart,
  ready: benchReady,
  latency: benchLatency,
  burst: benchBurst,
  throughput: benchThroughput,
  traces: benchTraces,
  instances: benchInstances,
  broker: benchBroker,
  load: benchLoad,
  simulate: benchSimulate,
};

await runCommand(
  defineCommand("npm run bench", "Measures the app and the local stack on this machine.", "npm run bench -- validate latency")
    .addArgument(new Argument("[benchmark...]", "what to measure; everything if left out").choices(Object.keys(benches)))
    .addOption(engineOption())
    .action(measure),
);

async function measure(wanted: readonly string[], { engine }: { readonly engine: Engine }): Promise<void> {
  if (engine === "extension" && wanted.length > 0)
    throw new WrongUse(`--engine extension has one benchmark of its own; leave out ${wanted.join(", ")}.`);
  console.log(describeMachine());
  if (engine === "extension") return console.log(`\nextension\n${await benchExtension()}`);
  for (const [name, bench] of Object.entries(benches))
    if (wanted.length === 0 || wanted.includes(name)) console.log(`\n${name}\n${await bench()}`);
}
