import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import fc from "fast-check";
import { createManualClock } from "../../local/clock.ts";
import { sameConnection } from "../../shared/comparison.ts";
import { connectionStateOf } from "../../shared/connection-state.ts";
import type { Completion } from "../../shared/contract/completion.ts";
import type { ArmResponse } from "../../shared/operation.ts";
import type { Target } from "../../shared/resource-id.ts";
import { sampleEvent } from "../support/sample.ts";
import { type Call, type CallKind, createSimulatedAzure } from "../support/simulated-azure.ts";
import { beginning, drive } from "./driven.ts";
import { brokerErrors, type FaultName, happen } from "./faults.ts";
import { sealedRequest, wholeApp } from "./whole.ts";

// Every fault at every step, once, three times and always: the real orchestration and the real activities, in simulated time.

const DAY_MS = 86_400_000;
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

/** The reviewed table. `poll` is the operation's URL; each row holds for the first poll, one in the middle and the last. */
const expected: Readonly<
  Record<"get" | "put" | "poll" | "verify", Readonly<Partial<Record<FaultName | "passing" | "conflict", Outcomes>>>>
> = {
  get: {
    passing: outlasts("ServiceUnavailable"),
    conflict: outlasts("RequestRefused"),
    "HTML body": outlasts("ServiceUnavailable"),
    // Of a connection that is not there nothing but its code is needed, and half of it has none; the status says enough.
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
    "404": ends("NotFound"),
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
    "404": ends("ResourceVanished"),
  },
};

/** One run: what is there before, how Azure ends the operation, and what goes wrong with which call. */
interface Scenario {
  readonly before?: "nothing" | "another" | "equal" | "failed";
  readonly operation?: { readonly end: "Succeeded" | "Failed" | "Canceled"; readonly seconds: number; readonly lagSeconds: number };
  readonly retryAfterSeconds?: number | null;
  /** The fault of the nth call of a kind, counted from 1. */
  readonly faultOf: (kind: CallKind, nth: number) => FaultName | undefined;
  /** The error of the nth try to publish, and whether the broker took the event all the same. */
  readonly brokerFault?: (nth: number, time: number) => keyof typeof brokerErrors | undefined;
}

const isConnection = (url: string) => url.includes("/vpnConnections/");
const target = sampleEvent().data.target as Target;
const body = sampleEvent().data.connection;

async function run({ before = "nothing", operation, retryAfterSeconds = 10, faultOf, brokerFault = () => undefined }: Scenario) {
  const clock = createManualClock(beginning - DAY_MS);
  const counted = new Map<CallKind, number>();
  const interfere = (call: Call, carry: () => ArmResponse): ArmResponse => {
    const kind = call.kind === "poll" && isConnection(call.url) ? "verify" : call.kind;
    const nth = (counted.get(call.kind) ?? 0) + 1;
    counted.set(call.kind, nth);
    // A connection that is polled in place of its operation is another call: the faults of polls are for the operation's URL.
    const fault = kind === call.kind ? faultOf(call.kind, nth) : undefined;
    return fault ? happen(fault, call, carry, clock) : carry();
  };
  const azure = createSimulatedAzure({ clock, retryAfterSeconds, interfere });
  if (before === "failed") azure.script.add({ connection: "*", on: "put", operation: { end: "Failed" } });
  if (before !== "nothing")
    azure.seed(target, before === "another" ? { properties: { ...body.properties, enableInternetSecurity: true } } : body);
  const seeded = azure.effectivePuts().length;
  if (operation) azure.script.add({ connection: "*", on: "put", times: "always", operation });
  clock.advanceTo(beginning);

  const published: { readonly id: string; readonly content: string }[] = [];
  let tries = 0;
  let workingAtAnswer = false;
  const publish = (completion: Completion) => {
    if (tries === 0) workingAtAnswer = isWorking(azure.connection(target));
    const fault = brokerFault(++tries, clock.now());
    if (fault === undefined || fault === "reset after send")
      published.push({ id: completion.event.id, content: JSON.stringify(completion) });
    if (fault) throw brokerErrors[fault];
  };
  const request = sealedRequest();
  const driven = await drive(request, wholeApp({ azure, publish }), { clock, mostSteps: 5_000, proven: 0 });
  return { ...driven, before, request, azure, published, workingAtAnswer, puts: azure.effectivePuts().length - seeded };
}
const isWorking = (connection: unknown) => connection !== undefined && connectionStateOf(connection) === "InProgress";

/** What holds whatever happened. */
function assertSound(ran: Awaited<ReturnType<typeof run>>): void {
  const { completion, world, request, azure, published, before, workingAtAnswer, puts, answeredAt, steps } = ran;
  const { data, id } = completion.event;
  assert.ok(puts <= 1, `${puts} effective PUTs`);
  assert.ok(published.length > 0, "the event was taken");
  assert.deepEqual(new Set(published.map(({ id: each }) => each)), new Set([id]), "one event id");
  assert.equal(new Set(published.map(({ content }) => content)).size, 1, "one content");
  assert.ok(world.claims.get(request.instanceId)?.sent);

  const actual = azure.connection(target);
  if (data.outcome === "Succeeded") {
    assert.equal(connectionStateOf(actual), "Succeeded", "Azure has it");
    assert.ok(sameConnection(body, actual), "as it was asked for");
    assert.deepEqual([data.armState, puts], ["Succeeded", 1]);
    assert.equal(data.change, before === "nothing" ? "Created" : "Updated");
  }
  if (workingAtAnswer) assert.match(String(data.problem?.message), /Azure may still be working/, "honest about what may still happen");
  assert.equal(world.lease.holder, null, "the gateway is free again");
  if (isWorking(actual)) assert.deepEqual(world.lease.unsettled, [target.connectionName], "whoever is next knows what has not settled");

  // No call comes before the wait that the answer before it asked for is over, and none comes twice in a second but the reads that begin together.
  const calls = azure.calls.filter(({ kind }) => kind !== "check");
  for (const [index, { at, kind, retryAfterSeconds }] of calls.entries()) {
    const next = calls[index + 1];
    if (!next) break;
    if (retryAfterSeconds !== null)
      assert.ok(next.at >= at + retryAfterSeconds * 1000, `${next.kind} ${(next.at - at) / 1000} s after ${kind}`);
    if (next.kind === kind) assert.ok(next.at >= at + 1000, `${kind} again after ${next.at - at} ms`);
  }
  assert.ok(calls.length <= 400 && steps.length < 5_000, `${calls.length} calls`);
  assert.ok(answeredAt - beginning < 2 * DAY_MS);
}

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
  // That a connection is not there although it is would be a lie about what everything is decided by, so reads of it are spared that.
  const withMissing: readonly FaultName[] = [...others, "404"];
  const scenarios = fc.record({
    before: fc.constantFrom("nothing", "another", "equal", "failed"),
    // An operation that says it failed is over; one that says it succeeded may be ahead of its connection.
    operation: fc.oneof(
      fc.record({
        end: fc.constant("Succeeded"),
        seconds: fc.constantFrom(0, 1, 55, 600, 5_000),
        lagSeconds: fc.constantFrom(0, 0, 30, 4_000),
      }),
      fc.record({ end: fc.constantFrom("Failed", "Canceled"), seconds: fc.constantFrom(0, 55, 5_000), lagSeconds: fc.constant(0) }),
    ),
    retryAfterSeconds: fc.constantFrom(null, 1, 10, 160, 700),
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
