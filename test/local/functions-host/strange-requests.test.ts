import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startSample } from "./host.ts";

// What is asked of the management API in a way that makes no sense is the caller's mistake, and changes nothing.

let sample: Awaited<ReturnType<typeof startSample>>;
before(async () => {
  sample = await startSample();
});
after(() => sample.stop());

test("a purge from a time that cannot be read: 400, and nothing is purged", async () => {
  const id = await sample.start("strange", { where: "output", what: "undefined" });
  await sample.ends(id);
  for (const time of ["yesterday", ""]) {
    const answer = await sample.call("DELETE", `${sample.base}/instances?createdTimeFrom=${time}`);
    assert.equal(answer.status, 400, time);
  }
  assert.equal((await sample.statusOf(id)).runtimeStatus, "Completed");
});
