import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { held } from "./app/held.ts";
import { startSample } from "./host.ts";

test("a host that is told to stop lets the running activity end, begins nothing new, and the next host goes on behind it", async () => {
  const gate = Promise.withResolvers<void>();
  held.until = gate.promise;
  const sample = await startSample();
  const id = await sample.start("holds", null);
  await eventually("the activity has begun", () => held.begun === 1);
  const restarted = sample.closeAndRestart();
  assert.equal(await Promise.race([restarted, Promise.resolve("waits for the activity")]), "waits for the activity");
  gate.resolve();
  await restarted;
  const { output } = await sample.ends(id);
  assert.deepEqual(output, ["held", "then"]);
  assert.equal(held.begun, 1, "its result was kept: it did not run again");
  await sample.stop();
});
