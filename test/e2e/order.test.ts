import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sendPairsOfRequests } from "../support/bursts.ts";
import { manners } from "../support/manners.ts";
import { requester } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";

// Two requests for one connection, sent in a row, 0 to 50 ms apart: what stands in Azure in the end is the newer one, however the engine mixes them up.

const PAIRS = 20;

for (const { name, rough } of manners) {
  describe(`pairs of requests, ${name}`, () => {
    test("an older request never overwrites a newer one, and both are answered", async (t) => {
      const stack = await startTestStack({ rough });
      t.after(() => stack.stop());
      // Azure is done at once.
      const headers = { "azure-asyncoperation": null };
      await stack.azure("POST", "/local/faults", [{ connection: "*", on: "put", times: "always", operation: { seconds: 0 }, headers }]);
      const ends = await sendPairsOfRequests(requester(stack), { pairs: PAIRS, longestGapMs: 50, boundMs: 60_000 });
      const reversed = ends.filter(({ last }) => last !== "newer").length;
      t.diagnostic(`${reversed} of ${PAIRS} pairs ended with the older request`);
      assert.equal(reversed, 0, `${reversed} of ${PAIRS} pairs ended with the older request`);
      for (const { answers } of ends) {
        const [older = [], newer = []] = answers;
        assert.deepEqual(newer, ["Succeeded", null]);
        assert.ok(["Succeeded", "Superseded"].includes(older[1] ?? String(older[0])), older.join());
      }
    });
  });
}
