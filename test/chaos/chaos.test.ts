import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { check } from "./checker.ts";
import { planOf } from "./plan.ts";
import { carryOut } from "./scheduler.ts";

// Short rounds of chaos on a rough engine: always the same two, and one that was never there
// before. `npm run chaos` has longer ones, and more of them.

const surprise = randomInt(1_000_000);
for (const seed of [1, 2, surprise]) {
  test(`every promise is kept in the round of seed ${seed}`, async (context) => {
    const lines: string[] = [];
    const violations = check(await carryOut(planOf(seed, "short"), { rough: seed, tell: (line) => lines.push(line) }));
    if (seed === surprise) context.diagnostic(`The random seed was ${seed}: npm run chaos -- --short --minutes 0 --seed ${seed}`);
    assert.deepEqual(violations, [], lines.join("\n"));
  });
}

test("a seed plans the same round again, and another one another", () => {
  const [once, again, other] = [planOf(7, "full"), planOf(7, "full"), planOf(8, "full")].map((plan) => JSON.stringify(plan));
  assert.equal(once, again);
  assert.notEqual(once, other);
});
