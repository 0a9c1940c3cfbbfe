import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startSample } from "./host.ts";

// What is asked of the management API in a way that makes no sense is the caller's mistake, and
// changes nothing.

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

for (const [method, path] of [
  ["GET", "instances/%"],
  ["GET", "instances/%E4"],
  ["DELETE", "instances/%zz"],
  ["POST", "instances/%zz/raiseEvent/go"],
  ["POST", "orchestrators/strange/%zz"],
  ["GET", "entities/%zz/key"],
] as const) {
  test(`${method} ${path}: 400, the escape is malformed`, async () => {
    assert.equal((await sample.call(method, `${sample.base}/${path}`)).status, 400);
  });
}

test("a list goes on from a token of its own only", async () => {
  for (const token of ["xx", "bnVsbA==", "e30="]) {
    const answer = await fetch(`${sample.url()}${sample.base}/instances`, { headers: { "x-ms-continuation-token": token } });
    assert.equal(answer.status, 400, token);
  }
});

test("a list of one and a half instances is a list of one", async () => {
  assert.equal((await sample.call("GET", `${sample.base}/instances?top=1.5`)).status, 200);
});
