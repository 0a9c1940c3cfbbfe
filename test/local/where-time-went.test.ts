import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { whereTimeWent } from "../../local/where-time-went.ts";
import type { CompletionData } from "../../shared/contract/completion.ts";
import { anyTiming } from "../shared/tracing/timing.ts";

test("whatever the timing is, the parts add up to the whole, which is the time until the broker had the answer", () => {
  fc.assert(
    fc.property(anyTiming, fc.nat(100_000), (judged, publishing) => {
      const publishedAt = new Date(Date.parse(judged.timing.completedAt) + publishing);
      const line = whereTimeWent({ data: judged as CompletionData }, publishedAt);
      const seconds = [...line.matchAll(/(\d+\.\d{3}) s/g)].map(([, text]) => Math.round(Number(text) * 1000));
      const whole = seconds.pop();
      assert.equal(
        seconds.reduce((sum, each) => sum + each, 0),
        whole,
      );
      assert.equal(whole, publishedAt.getTime() - Date.parse(judged.timing.receivedAt));
    }),
  );
});
