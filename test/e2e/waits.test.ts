import { describe, test } from "node:test";
import { playWaits } from "../support/bursts.ts";
import { manners } from "../support/manners.ts";
import { requester } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";

// Azure says how long to wait, and no call comes before that: neither a PUT after one that was
// throttled, nor a poll after a poll.

for (const { name, rough } of manners) {
  describe(`waits, ${name}`, () => {
    test("no call of Azure comes before its Retry-After is over", async (t) => {
      const stack = await startTestStack({ rough });
      t.after(() => stack.stop());
      await playWaits({ stack, ask: requester(stack), t, count: 20, boundMs: 90_000 });
    });
  });
}
