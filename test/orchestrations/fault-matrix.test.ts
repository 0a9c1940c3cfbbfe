import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import fc from "fast-check";
import type { CallKind } from "../support/simulated-azure.ts";
import { beginning } from "./driven.ts";
import { brokerErrors, type FaultName } from "./faults.ts";
import { assertSound, run, type Scenario } from "./scenario.ts";

// Every fault at every step, once, three times and always: the real orchestration and the real
// activities, in simulated time.

const passing = [
  "reset before send",
  "reset after send",
  "timeout",
  "408",
  "429",
  "429 with Retry-After",
  "500",
  "502",
  "503",
  "504",
] as const;
const conflicts = ["409", "412"] as const;
const counts = { once: 1, thrice: 3, always: Number.POSITIVE_INFINITY } as const;

/** What comes of a fault that happens once, three times in a row, and always. */
type Outcomes = readonly [once: string, thrice: string, always: string];
const well = "Succeeded";
const mended: Outcomes = [well, well, well];
const outlasts = (code: string): Outcomes => [well, well, code];
const ends = (code: string): Outcomes => [code, code, code];
/** A new token is asked for once. */
const unauthorized: Outcomes = [well, "NotAuthorized", "NotAuthorized"];

/**
 * The reviewed table. `poll` is the operation's URL; each row holds for the first poll, one in the
 * middle and the last.
 */
const expected: Readonly<
  Record<"get" | "put" | "poll" | "verify", Readonly<Partial<Record<FaultName | "passing" | "conflict", Outcomes>>>>
> = {
  get: {
    passing: outlasts("ServiceUnavailable"),
    conflict: outlasts("RequestRefused"),
    "HTML body": outlasts("ServiceUnavailable"),
    // Of a connection that is not there nothing but its code is needed, and half of it has none;
    // the status says enough.
    "truncated JSON": mended,
    "401": unauthorized,
    "403": ends("NotAuthorized"),
    // Nothing there yet: the PUT will tell.
    "404": mended,
  },
  put: {
    passing: outlasts("ServiceUnavailable"),
    // It was carried out: the read before the next try finds it.
    "reset after send": mended,
    timeout: mended,
    conflict: outlasts("RequestRefused"),
    "HTML body": outlasts("ServiceUnavailable"),
    // The headers have the operation.
    "truncated JSON": mended,
    "401": unauthorized,
    "403": ends("NotAuthorized"),
    // The gateway may not be seen yet. After 90 s this is believed.
    "404": outlasts("NotFound"),
  },
  poll: {
    passing: outlasts("ServiceUnavailable"),
    conflict: outlasts("RequestRefused"),
    // No word of an end: it runs on.
    "HTML body": outlasts("OperationDeadlineExceeded"),
    "truncated JSON": outlasts("OperationDeadlineExceeded"),
    "401": unauthorized,
    "403": ends("NotAuthorized"),
    // The service forgot it: the connection is read instead.
    "404": mended,
  },
  verify: {
    passing: outlasts("ServiceUnavailable"),
    conflict: outlasts("RequestRefused"),
    "HTML body": outlasts("ServiceUnavailable"),
    "truncated JSON": outlasts("ServiceUnavailable"),
    "401": unauthorized,
    "403": ends("NotAuthorized"),
    "404": outlasts("ResourceVanished"),
  },
};

const outcomeOf = ({ completion: { event } }: Awaited<ReturnType<typeof run>>) =>
  event.data.outcome === "Succeeded" ? well : String(event.data.problem?.code);

let combinations = 0;
after(() => console.log(`${combinations} combinations of step, fault and count`));

for (const [step, table] of Object.entries(expected)) {
  describe(`a fault of ${step}`, () => {
    const rows = Object.entries(table).flatMap(([name, outcomes]): [FaultName, Outcomes][] =>
      name === "passing"
        ? passing.flatMap((fault): [FaultName, Outcomes][] => (fault in table ? [] : [[fault, outcomes]]))
        : name === "conflict"
          ? conflicts.map((fault): [FaultName, Outcomes] => [fault, outcomes])
          : [[name as FaultName, outcomes]],
    );
    for (const [fault, outcomes] of rows) {
      test(fault, async () => {
        for (const from of step === "poll" ? [1, 3, 6] : [1]) {
          for (const [index, [name, times]] of Object.entries(counts).entries()) {
            const faultOf = (kind: CallKind, nth: number) => (kind === step && nth >= from && nth < from + times ? fault : undefined);
            const ran = await run({ faultOf });
            assert.equal(outcomeOf(ran), outcomes[index], `${name}, from call ${from}`);
            assertSound(ran);
            combinations++;
          }
        }
      });
    }
  });
}

describe("a fault of publish", () => {
  for (const fault of Object.keys(brokerErrors) as (keyof typeof brokerErrors)[]) {
    test(fault, async () => {
      for (const times of [1, 3]) {
        const ran = await run({ faultOf: () => undefined, brokerFault: (nth) => (nth <= times ? fault : undefined) });
        assert.equal(outcomeOf(ran), well);
        assertSound(ran);
        combinations++;
      }
      // An answer is never given up: "always" is as long as anybody cares to wait, here two hours.
      const ran = await run({ faultOf: () => undefined, brokerFault: (_, time) => (time < beginning + 7_200_000 ? fault : undefined) });
      assert.equal(outcomeOf(ran), well);
      assertSound(ran);
      combinations++;
    });
  }
});

test("whatever goes wrong, in whatever order: one answer, one effective PUT at most, and no call too soon", async () => {
  const others: readonly FaultName[] = [...passing, ...conflicts, "401", "403", "HTML body", "truncated JSON"];
  const faults = (maxLength: number, names = others) =>
    fc.array(fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 3, arbitrary: fc.constantFrom(...names) }), {
      maxLength,
    });
  // That a connection is not there although it is would be a lie about what everything is decided
  // by, so reads of it are spared that.
  const withMissing: readonly FaultName[] = [...others, "404"];
  const scenarios = fc.record({
    before: fc.constantFrom("nothing", "another", "equal", "failed"),
    // An operation that says it failed is over; one that says it succeeded may be ahead of its
    // connection.
    operation: fc.oneof(
      fc.record({
        end: fc.constant("Succeeded"),
        seconds: fc.constantFrom(0, 1, 55, 600, 5_000),
        lagSeconds: fc.constantFrom(0, 0, 30, 4_000),
      }),
      fc.record({ end: fc.constantFrom("Failed", "Canceled"), seconds: fc.constantFrom(0, 55, 5_000), lagSeconds: fc.constant(0) }),
    ),
    busySeconds: fc.constantFrom(0, 0, 0, 45, 5_000),
    retryAfterSeconds: fc.constantFrom(null, 0, 1, 10, 160, 700),
    calls: fc.record({
      check: faults(6, withMissing),
      get: faults(4),
      put: faults(4, withMissing),
      poll: faults(12, withMissing),
      verify: faults(4),
      settle: faults(2),
    }),
    broker: fc.array(fc.constantFrom(...(Object.keys(brokerErrors) as (keyof typeof brokerErrors)[])), { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(scenarios, async ({ calls, broker, ...scenario }) => {
      assertSound(
        await run({ ...scenario, faultOf: (kind, nth) => calls[kind][nth - 1], brokerFault: (nth) => broker[nth - 1] } as Scenario),
      );
    }),
    { seed: Number(process.env["FAULTS_SEED"] ?? 20_260_301), numRuns: Number(process.env["FAULTS_RUNS"] ?? 250) },
  );
});
