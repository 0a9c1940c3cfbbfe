import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createManualClock } from "../../local/clock.ts";
import { createSimulatedAzure } from "../support/simulated-azure.ts";
import { beginning, drive } from "./driven.ts";
import { sealedRequest, wholeApp } from "./whole.ts";

// Whole runs on an engine whose timers fire as early as the policy allows.

/** The calls to Azure of one run, with the time of each. */
async function callsOf(earlySeconds: () => number, given: Given) {
  const clock = createManualClock(beginning);
  let puts = 0;
  const throttled = { status: 429, headers: { "retry-after": String(given.retryAfterSeconds) }, text: "" };
  const azure = createSimulatedAzure({
    clock,
    operationSeconds: given.operationSeconds,
    retryAfterSeconds: given.retryAfterSeconds,
    interfere: ({ kind }, carry) => (kind === "put" && ++puts <= given.throttled ? throttled : carry()),
  });
  const request = sealedRequest(() => {}, { timersFireEarlySeconds: given.allowed });
  const { completion } = await drive(request, wholeApp({ azure, publish: () => {} }), { clock, earlySeconds, proven: 30 });
  assert.equal(completion.event.data.outcome, "Succeeded");
  return azure.calls.filter(({ kind }) => kind !== "check");
}
interface Given {
  readonly allowed: number;
  readonly retryAfterSeconds: number;
  readonly operationSeconds: number;
  readonly throttled: number;
}

function assertNoneEarly(calls: Awaited<ReturnType<typeof callsOf>>): void {
  for (const [index, { at, kind }] of calls.entries()) {
    const { at: before, retryAfterSeconds } = calls[index - 1] ?? { at: 0, retryAfterSeconds: null };
    assert.ok(at - before >= (retryAfterSeconds ?? 0) * 1000, `${kind} ${at - before} ms after Retry-After: ${retryAfterSeconds}`);
  }
}

test("Retry-After: 1 is a wait of a second where timers fire a second early", async () => {
  const calls = await callsOf(() => 1, { allowed: 1, retryAfterSeconds: 1, operationSeconds: 3, throttled: 2 });
  assertNoneEarly(calls);
  const kinds = calls.map(({ kind }) => kind);
  assert.deepEqual(kinds, ["get", "put", "get", "put", "get", "put", "poll", "poll", "poll", "verify"]);
});

test("no call to Azure comes before its Retry-After is over, however early timers fire within what the policy allows", async () => {
  const early = fc.integer({ min: 0, max: 5_000 });
  const given = fc.record({
    allowed: fc.nat(5),
    retryAfterSeconds: fc.integer({ min: 1, max: 12 }),
    operationSeconds: fc.nat(60),
    throttled: fc.nat(4),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(early, { minLength: 1, maxLength: 30 }), given, async (draws, run) => {
      let timer = 0;
      const earlySeconds = () => Math.min((draws[timer++ % draws.length] ?? 0) / 1000, run.allowed);
      assertNoneEarly(await callsOf(earlySeconds, run));
    }),
    { numRuns: 200 },
  );
});
