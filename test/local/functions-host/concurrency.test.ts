import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { held } from "./app/held.ts";
import { startSample } from "./host.ts";

test("no more activities run at once than host.json allows, and all of them run", async (t) => {
  const gate = Promise.withResolvers<void>();
  held.until = gate.promise;
  const sample = await startSample();
  t.after(() => sample.stop());
  const id = await sample.start("holdsMany", 10);
  // maxConcurrentActivityFunctions of the sample is 4.
  await eventually("as many run as may", () => held.begun === 4);
  assert.equal((await sample.statusOf(id)).runtimeStatus, "Running");
  assert.equal(held.begun, 4, "no more");
  gate.resolve();
  assert.equal(((await sample.ends(id)).output as unknown[]).length, 10);
  assert.equal(held.begun, 10);
});
