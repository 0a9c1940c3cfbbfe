import assert from "node:assert/strict";
import { test } from "node:test";
import { startSample } from "./host.ts";

// The host is ended at every point where it has just written to its store, and another one goes on from the file alone.

const scenarios = [
  ["chain", { x: 1 }, { three: 3, text: "text", nothing: null, input: { x: 1 } }],
  ["fanOut", null, [11, 12, 13, 14, 15]],
  ["usesEntity", null, 12],
  ["approval", null, "timed out"],
  ["counts", 1, 3],
] as const;

for (const [name, input, expected] of scenarios) {
  test(`${name} ends as it should wherever the host is killed`, async () => {
    const reached = await commitsOf(name, input);
    for (let point = 1; point <= reached; point++) {
      let commits = 0;
      let crash: Promise<void> | undefined;
      const sample = await startSample({
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
async function commitsOf(name: string, input: unknown): Promise<number> {
  let commits = 0;
  const sample = await startSample({ committed: () => commits++ });
  await sample.ends(await sample.start(name, input));
  await sample.stop();
  return commits;
}
