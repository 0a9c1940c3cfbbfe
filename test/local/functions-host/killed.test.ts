import assert from "node:assert/strict";
import { test } from "node:test";
import type { ManualClock } from "../../../local/clock.ts";
import { calm, createRoughness, type Roughness } from "../../../local/functions-host/durable/roughness.ts";
import { startSample } from "./host.ts";

// The host is ended at every point where it has just written to its store, and another one goes on
// from the file alone.

const scenarios = [
  ["chain", { x: 1 }, { three: 3, text: "text", nothing: null, input: { x: 1 } }],
  ["fanOut", null, [11, 12, 13, 14, 15]],
  ["usesEntity", null, 12],
  ["approval", null, "timed out"],
  ["counts", 1, 3],
] as const;

const queues = { partitions: 4, messagesHiddenForMs: 300_000, workHiddenForMs: 300_000 };
const manners = {
  calm: () => calm,
  rough: (clock: ManualClock) => createRoughness(1, clock, queues),
};

for (const [[name, input, expected], [manner, roughness]] of scenarios.flatMap((scenario) =>
  Object.entries(manners).map((each) => [scenario, each] as const),
)) {
  test(`${name} ends as it should wherever the ${manner} host is killed`, async () => {
    const reached = await commitsOf(name, input, roughness);
    for (let point = 1; point <= reached; point++) {
      let commits = 0;
      let crash: Promise<void> | undefined;
      const sample = await startSample({
        roughness,
        committed: () => {
          if (++commits === point) crash = Promise.resolve().then(() => sample.crashAndRestart());
        },
      });
      const id = "instance";
      await sample.start(name, input, id).catch(() => {});
      await crash;
      const { output } = await sample.ends(id);
      assert.deepEqual(output, expected, `killed at commit ${point} of ${reached}`);
      await sample.stop();
    }
  });
}

/** How many transactions an undisturbed run takes. */
async function commitsOf(name: string, input: unknown, roughness: (clock: ManualClock) => Roughness): Promise<number> {
  let commits = 0;
  const sample = await startSample({ roughness, committed: () => commits++ });
  await sample.ends(await sample.start(name, input));
  await sample.stop();
  return commits;
}
