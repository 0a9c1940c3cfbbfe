import { parseArgs } from "node:util";
import { readEngine } from "../local/engine-option.ts";
import { NotPossible } from "../local/not-possible.ts";
import { benchBroker } from "./broker.ts";
import { benchColdStart } from "./cold-start.ts";
import { benchExtension } from "./extension.ts";
import { benchInstances } from "./instances.ts";
import { benchLatency } from "./latency.ts";
import { benchLease } from "./lease.ts";
import { benchLoad } from "./load.ts";
import { describeMachine } from "./measure.ts";
import { benchReady } from "./ready.ts";
import { benchThroughput } from "./throughput.ts";
import { benchValidate } from "./validate.ts";

// `npm run bench` measures everything, `npm run bench -- validate` one thing, `npm run bench -- --engine extension` the Durable Task extension.

const benches: Readonly<Record<string, () => string | Promise<string>>> = {
  validate: benchValidate,
  lease: benchLease,
  "cold-start": benchColdStart,
  ready: benchReady,
  latency: benchLatency,
  throughput: benchThroughput,
  instances: benchInstances,
  broker: benchBroker,
  load: benchLoad,
};
const { values, positionals: wanted } = parseArgs({ allowPositionals: true, options: { engine: { type: "string", default: "sqlite" } } });
const unknown = wanted.find((name) => !benches[name]);
if (unknown !== undefined) {
  console.error(`There is no benchmark ${unknown}; there is ${Object.keys(benches).join(", ")}.`);
  process.exitCode = 2;
} else {
  await run().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = error instanceof NotPossible ? 2 : 1;
  });
}

async function run(): Promise<void> {
  const engine = readEngine(values.engine);
  console.log(describeMachine());
  if (engine === "extension") return console.log(`\nextension\n${await benchExtension()}`);
  for (const [name, bench] of Object.entries(benches))
    if (wanted.length === 0 || wanted.includes(name)) console.log(`\n${name}\n${await bench()}`);
}
