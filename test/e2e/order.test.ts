import { describe, test } from "node:test";
import { playPairsOfRequests } from "../support/bursts.ts";
import { manners } from "../support/manners.ts";
import { requester } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";

// Two requests for one connection, sent in a row: what stands in Azure in the end is the newer one,
// however the engine mixes them up.

for (const { name, rough } of manners) {
  describe(`pairs of requests, ${name}`, () => {
    test("an older request never overwrites a newer one, and both are answered", async (t) => {
      const stack = await startTestStack({ rough });
      t.after(() => stack.stop());
      await playPairsOfRequests({ stack, ask: requester(stack), t, count: 20, boundMs: 60_000 });
    });
  });
}
