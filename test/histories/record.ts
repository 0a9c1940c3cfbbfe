import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startProduct } from "../support/product.ts";
import { keep, recordedHistories } from "./fixture.ts";
import { keyOfScenarios, scenarios } from "./scenarios.ts";
import { stageOf } from "./stage.ts";

// Records the history of every scenario that this version of the app has none of:
// `node local/node.js test/histories/record.ts`. Run by hand, before a release and after a new
// branch. What is there stays there: running instances have such histories.

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "package.json"), "utf8")) as { version: string };
const kept = recordedHistories().filter((recorded) => recorded.version === version);
const product = await startProduct({ operationSeconds: 50, retryAfterSeconds: 60 });
let bytes = 0;
for (const [index, [name, play]] of Object.entries(scenarios).entries()) {
  if (kept.some(({ scenario }) => scenario === name)) {
    console.log(`${name}: kept`);
    continue;
  }
  const run = await product.run();
  const instanceId = await play(stageOf(product, run, name, index + 1));
  const shown = run.status(instanceId);
  if (!shown) throw new Error(`${name}: no instance ${instanceId}`);
  const { name: orchestration, input, customStatus, output } = shown;
  const fixture = { orchestration, instanceId, input, history: run.history(instanceId), customStatus, output };
  if (JSON.stringify(fixture).includes(keyOfScenarios)) throw new Error(`${name}: a key stands in the history`);
  const size = keep(version, name, fixture);
  bytes += size;
  console.log(`${name}: ${fixture.history.length} events, ${Math.round(size / 1024)} KB`);
  await run.stop();
}
await product.stop();
console.log(`${Math.round(bytes / 1024)} KB recorded`);
// The AMQP library still tries to mend the connections that broke when the broker was away.
process.exit();
