import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "../support/eventually.ts";
import { manners } from "../support/manners.ts";
import { requester, requestFor, said } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";

// Two payloads under one source and id, sent at the same moment: one is carried out, the other one
// is answered RequestIdConflict. None is forgotten.

const PAIRS = 20;
const BOUND_MS = 60_000;

for (const { name, rough } of manners) {
  describe(`pairs of payloads, ${name}`, () => {
    test("one id, two payloads at the same moment: one completion and one conflict", async (t) => {
      const stack = await startTestStack({ rough });
      t.after(() => stack.stop());
      const ask = requester(stack);
      const headers = { "azure-asyncoperation": null };
      await stack.azure("POST", "/local/faults", [{ connection: "*", on: "put", times: "always", operation: { seconds: 0 }, headers }]);
      const first = Array.from({ length: PAIRS }, (_, pair) => requestFor(pair + 1, `pair${pair}`));
      for (const one of first) {
        const other = structuredClone(one);
        other.data.connection.properties["routingWeight"] = 7;
        await Promise.all([ask.send(one), ask.send(other)]);
        await pause(100);
      }
      const answersTo = (request: { id: string }) => ask.answersTo(request).map((answer) => said(answer)[1] ?? said(answer)[0]);
      await eventually("each payload is answered", () => first.every((one) => answersTo(one).length === 2), BOUND_MS).catch(() => {});
      const forgotten = first.filter((one) => answersTo(one).length < 2).length;
      t.diagnostic(`${forgotten} of ${PAIRS} pairs have a payload without an answer`);
      assert.equal(forgotten, 0, `${forgotten} of ${PAIRS} pairs have a payload without an answer`);
      for (const one of first) assert.deepEqual(answersTo(one).toSorted(), ["RequestIdConflict", "Succeeded"]);
    });
  });
}
