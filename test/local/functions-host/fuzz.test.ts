import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import fc from "fast-check";
import { counted } from "./app/counted.ts";
import type { Step } from "./app/plans.ts";
import { startSample } from "./host.ts";

// The SDK never says the ids of its tasks: the host counts in step with it. After every episode of random orchestrations the two counts are compared.

const leaf: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step>({ do: "activity" }, { do: "fail" }, { do: "entity" }, { do: "signal" }),
  fc.record({ do: fc.constant("retry" as const), times: fc.nat(4), attempts: fc.integer({ min: 1, max: 3 }), key: fc.uuid() }),
  fc.record({ do: fc.constant("timer" as const), seconds: fc.integer({ min: 1, max: 9_000_000 }), cancel: fc.boolean() }),
);
/** Signals and cancelled timers are no tasks that an any or all could wait for. */
const waited = leaf.filter((step) => step.do !== "signal" && !(step.do === "timer" && step.cancel));
const compound = (children: fc.Arbitrary<Step>): fc.Arbitrary<Step> =>
  fc.record({ do: fc.constantFrom("any" as const, "all" as const), of: fc.array(children, { minLength: 1, maxLength: 4 }) });
const plan = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: leaf },
    { weight: 2, arbitrary: compound(waited) },
    { weight: 1, arbitrary: compound(fc.oneof(waited, compound(waited))) },
  ),
  { minLength: 1, maxLength: 8 },
);

const chance = Math.floor(Math.random() * 2 ** 31);
for (const [seed, runs] of [
  [1, 60],
  [2, 60],
  [chance, 60],
] as const) {
  test(`the host counts as the SDK does, over ${runs} random orchestrations of seed ${seed}`, async () => {
    const checked = { episodes: 0 };
    let store: DatabaseSync | undefined;
    const sample = await startSample({
      committed: () => {
        if (!store) return;
        for (const row of store
          .prepare("SELECT id, sequence, ended, (SELECT COUNT(*) FROM history WHERE instance = id) AS episodes FROM instances")
          .all()) {
          const sdk = counted.get(String(row["id"]));
          if (!sdk || sdk.episodes !== row["episodes"] || row["ended"] !== null) continue;
          const { next, open } = JSON.parse(String(row["sequence"])) as { next: number; open: Record<string, unknown> };
          assert.deepEqual(
            { next, open: Object.keys(open).map(Number) },
            { next: sdk.next, open: sdk.open },
            `instance ${row["id"]}, episode ${row["episodes"]}`,
          );
          checked.episodes++;
        }
      },
    });
    store = new DatabaseSync(join(sample.dataDirectory, "durable.sqlite"), { readOnly: true });
    after(() => sample.stop());
    for (const [index, steps] of fc.sample(plan, { seed, numRuns: runs }).entries()) {
      const id = `plan-${seed}-${index}`;
      await sample.start("plan", steps, id);
      const { output } = await sample.ends(id);
      assert.equal(output, steps.length);
      await sample.call("DELETE", `${sample.base}/instances/${id}`);
    }
    store.close();
    assert.ok(checked.episodes > runs, `${checked.episodes} comparisons`);
  });
}
