import assert from "node:assert/strict";
import { test } from "node:test";
import { runLoad } from "../support/load.ts";

// A small version of `npm run bench -- load`.

test("two hundred requests over twenty gateways at once: all answered, no two changes of a gateway overlap, first come first served", async () => {
  const figures = await runLoad({ requests: 200, gateways: 20, speed: 20, operationSeconds: 30, retryAfterSeconds: 10 }, 180_000);
  assert.deepEqual(figures.outcomes, { Succeeded: 200 });
  assert.equal(figures.overlaps, 0);
  assert.equal(figures.overtakings, 0);
  assert.equal(figures.busiestGatewaySeconds, 300, "ten changes on every gateway");
  if (figures.hostPeakMegabytes !== null) assert.ok(figures.hostPeakMegabytes <= 400, `the host took ${figures.hostPeakMegabytes} MB`);
});
