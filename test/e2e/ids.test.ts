import { describe, test } from "node:test";
import { playPairsOfPayloads } from "../support/bursts.ts";
import { manners } from "../support/manners.ts";
import { requester } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";

// Two payloads under one source and id, sent at the same moment: one is carried out, the other one
// is answered RequestIdConflict. None is forgotten.

for (const { name, rough } of manners) {
  describe(`pairs of payloads, ${name}`, () => {
    test("one id, two payloads at the same moment: one completion and one conflict", async (t) => {
      const stack = await startTestStack({ rough });
      t.after(() => stack.stop());
      await playPairsOfPayloads({ stack, ask: requester(stack), t, count: 20, boundMs: 60_000 });
    });
  });
}
