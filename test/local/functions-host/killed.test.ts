import assert from "node:assert/strict";
import { test } from "node:test";
import type { ManualClock } from "../../../local/clock.ts";
import { calm, createRoughness, type Roughness } from "../../../local/functions-host/durable/roughness.ts";
import { startSample } from "./host.ts";

// The host is ended after every commit, and another one goes on from the file alone. A commit holds
// all that was done in one turn of the event loop, so several instances run at once.

type Orchestration = readonly [name: string, input: unknown, expected: unknown];
const orchestrations: readonly Orchestration[] = [
  ["chain", { x: 1 }, { three: 3, text: "text", nothing: null, input: { x: 1 } }],
  ["fanOut", null, [11, 12, 13, 14, 15]],
  ["usesEntity", null, 12],
  ["approval", null, "timed out"],
  ["counts", 1, 3],
];
/** Each alone, and all at once. */
const scenarios: readonly (readonly [name: string, orchestrations: readonly Orchestration[]])[] = [
  ...orchestrations.map((one) => [one[0], [one]] as const),
  ["all together", orchestrations],
];

const queues = { partitions: 4, messagesHiddenForMs: 300_000, workHiddenForMs: 300_000 };
const manners = {
  calm: () => calm,
  rough: (clock: ManualClock) => createRoughness(1, clock, queues),
};

for (const [name, started] of scenarios) {
  for (const [manner, roughness] of Object.entries(manners)) {
    test(`${name}: the end is as it should be wherever the ${manner} host is killed`, async () => {
      const reached = await run(started, roughness, 0);
      assert.ok(reached > 0);
      for (let point = 1; point <= reached; point++) await run(started, roughness, point);
    });
  }
}

/**
 * Starts orchestrations at once, kills the host after its nth commit, and waits for their ends.
 * Returns the number of commits.
 */
async function run(started: readonly Orchestration[], roughness: (clock: ManualClock) => Roughness, point: number): Promise<number> {
  let commits = 0;
  let crash: Promise<void> | undefined;
  const sample = await startSample({
    roughness,
    committed: () => {
      if (++commits === point) crash = Promise.resolve().then(() => sample.crashAndRestart());
    },
  });
  try {
    /** A killed host does not answer. The next one does. */
    const ask = <T>(call: () => Promise<T>): Promise<T> =>
      call().catch(async () => {
        await crash;
        return call();
      });
    // A start that was answered is on disk. One that was not may be.
    const start = async ([name, input]: Orchestration) => {
      const isAnswered = await sample.start(name, input, name).then(
        () => true,
        () => false,
      );
      const { status } = await ask(() => sample.call("GET", `${sample.base}/instances/${name}`));
      assert.ok(status !== 404 || !isAnswered, `the start of ${name} was answered and is lost, killed at commit ${point}`);
      if (status === 404) await ask(() => sample.start(name, input, name));
    };
    await Promise.all(started.map(start));
    for (const [name, , expected] of started) {
      const { output } = await ask(() => sample.ends(name));
      assert.deepEqual(output, expected, `${name}, killed at commit ${point}`);
    }
    return commits;
  } finally {
    await sample.stop();
  }
}
