import { benchBroker } from "./broker.ts";
import { benchColdStart } from "./cold-start.ts";
import { benchInstances } from "./instances.ts";
import { benchLatency } from "./latency.ts";
import { benchLease } from "./lease.ts";
import { benchLoad } from "./load.ts";
import { machine } from "./measure.ts";
import { benchReady } from "./ready.ts";
import { benchThroughput } from "./throughput.ts";
import { benchValidate } from "./validate.ts";

// `npm run bench` measures everything, `npm run bench -- validate` one thing.

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
const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !benches[name]);
if (unknown !== undefined) {
  console.error(`There is no benchmark ${unknown}; there is ${Object.keys(benches).join(", ")}.`);
  process.exitCode = 2;
} else {
  console.log(machine());
  for (const [name, run] of Object.entries(benches))
    if (wanted.length === 0 || wanted.includes(name)) console.log(`\n${name}\n${await run()}`);
}
