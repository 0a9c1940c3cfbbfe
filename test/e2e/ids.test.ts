import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sendPairsOfPayloads } from "../support/bursts.ts";
import { manners } from "../support/manners.ts";
import { requester } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";

// Two payloads under one source and id, sent at the same moment: one is carried out, the other one
// is answered RequestIdConflict. None is forgotten.

const PAIRS = 20;

for (const { name, rough } of manners) {
  describe(`pairs of payloads, ${name}`, () => {
    test("one id, two payloads at the same moment: one completion and one conflict", async (t) => {
      const stack = await startTestStack({ rough });
      t.after(() => stack.stop());
      const headers = { "azure-asyncoperation": null };
      await stack.azure("POST", "/local/faults", [{ connection: "*", on: "put", times: "always", operation: { seconds: 0 }, headers }]);
      for (const answers of await sendPairsOfPayloads(requester(stack), { pairs: PAIRS, boundMs: 60_000 }))
        assert.deepEqual(answers, ["RequestIdConflict", "Succeeded"]);
    });
  });
}
