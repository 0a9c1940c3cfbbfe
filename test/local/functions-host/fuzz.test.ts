import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { calm, createRoughness } from "../../../local/functions-host/durable/roughness.ts";
import { type Counted, counting } from "./app/counted.ts";
import type { Leaf, Step, Waited } from "./app/plans.ts";
import { startSample } from "./host.ts";

// The SDK never says the ids of its tasks: the host counts in step with it. Before every episode of
// random orchestrations the host's count is compared with what the SDK had counted after the one
// before.

const eventNames = ["red", "green", "blue"];
const pick = fc.nat(1_000);
const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  fc.constantFrom<Leaf>({ do: "activity" }, { do: "activity" }, { do: "fail" }),
  fc.record({ do: fc.constant("retry" as const), times: fc.nat(4), attempts: fc.integer({ min: 1, max: 3 }), key: fc.uuid() }),
  fc.record({ do: fc.constant("timer" as const), seconds: fc.oneof(fc.nat(5), fc.nat(9_000_000)) }),
  fc.record({ do: fc.constant("entity" as const), key: fc.nat(4) }),
  fc.record({ do: fc.constant("event" as const), name: fc.constantFrom(...eventNames) }),
);
const compound = (children: fc.Arbitrary<Waited>): fc.Arbitrary<Waited> =>
  fc.record({ do: fc.constantFrom("any" as const, "all" as const), of: fc.array(children, { minLength: 1, maxLength: 4 }) });
const beside = fc.record({ as: fc.constantFrom("any" as const, "all" as const), new: leaf });
const plan: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: leaf },
    { weight: 3, arbitrary: compound(leaf) },
    { weight: 2, arbitrary: compound(fc.oneof(leaf, compound(leaf))) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("again" as const), pick, beside: fc.option(beside) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const), pick }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("signal" as const), key: fc.nat(4) }) },
  ),
  { minLength: 1, maxLength: 9 },
);

const AT_ONCE = 20;
const chance = Math.floor(Math.random() * 2 ** 31);
const asked = { runs: Number(process.env["FUZZ_RUNS"] ?? 0), seed: Number(process.env["FUZZ_SEED"] ?? chance) };
/** How likely the host is ended after a transaction, and another one goes on with its store. */
const killing = 1 / 50;
const series =
  asked.runs > 0
    ? [asked, { ...asked, killed: killing }, { ...asked, rough: true }, { ...asked, rough: true, killed: killing }]
    : [
        { runs: 120, seed: 1 },
        { ...asked, runs: 80 },
        { ...asked, runs: 60, killed: killing },
        { ...asked, runs: 60, rough: true },
        { ...asked, runs: 40, rough: true, killed: killing },
      ];
const queues = { partitions: 4, messagesHiddenForMs: 300_000, workHiddenForMs: 300_000 };

interface Series {
  readonly runs: number;
  readonly seed: number;
  readonly killed?: number;
  readonly rough?: boolean;
}

for (const { runs, seed, killed = 0, rough = false } of series as readonly Series[]) {
  const manner = rough ? "rough" : "calm";
  const ends = killed > 0 ? ", ended now and then," : "";
  test(`the ${manner} host${ends} counts as the SDK does, over ${runs} random orchestrations of seed ${seed}`, async (t) => {
    const draws = draw(seed);
    let commits = 0;
    let restart: Promise<void> | undefined;
    const sample = await startSample({
      roughness: (clock) => (rough ? createRoughness(seed, clock, queues) : calm),
      committed() {
        commits++;
        if (!restart && draws() < killed) restart = Promise.resolve().then(() => sample.crashAndRestart());
      },
    });
    const store = new DatabaseSync(join(sample.dataDirectory, "durable.sqlite"), { readOnly: true });
    t.after(async () => {
      counting.told = () => {};
      store.close();
      await restart;
      await sample.stop();
    });
    const sequenceOf = store.prepare("SELECT sequence, ended FROM instances WHERE id = ?");
    const ended = store.prepare("SELECT id, status, output FROM instances WHERE status IN ('Completed', 'Failed')");
    const last = new Map<string, Counted>();
    const wrong: string[] = [];
    let compared = 0;
    let restarts = 0;
    counting.told = (id, counted) => {
      // What a host counts while it is ended it does not store.
      if (!restart) last.set(id, counted);
    };
    /**
     * Compares what the SDK has counted with what is on disk, when nothing runs. Once the code has
     * ended, only the host goes on counting.
     */
    const compare = (id: string) => {
      const [sdk, row] = [last.get(id), sequenceOf.get(id)];
      if (!sdk || !row || row["ended"] !== null) return;
      const { next, open } = JSON.parse(String(row["sequence"])) as { next: number; open: object };
      const host = JSON.stringify({ next, open: Object.keys(open).map(Number) });
      compared++;
      if (host !== JSON.stringify(sdk)) wrong.push(`${id}: the SDK has ${JSON.stringify(sdk)}, the host ${host}`);
    };
    /** A host that is ended answers nobody; what it was asked for is asked again. */
    const attempt = (call: Promise<unknown>) => (killed > 0 ? call.catch(() => {}) : call);

    const plans = new Map(fc.sample(plan, { seed, numRuns: runs }).map((steps, index) => [`plan-${seed}-${index}`, steps]));
    const waiting = [...plans.keys()];
    const running = new Set<string>();
    let idleTurns = 0;
    for (let seen = commits; wrong.length === 0 && (waiting.length > 0 || running.size > 0); seen = commits) {
      while (running.size < AT_ONCE && waiting.length > 0) {
        const id = waiting.shift() as string;
        running.add(id);
        await attempt(sample.start("plan", plans.get(id), id));
      }
      for (let turns = 0; turns < 4; turns++) await turn();
      if (restart) {
        await restart;
        for (const id of running) {
          if (sequenceOf.get(id)) continue;
          running.delete(id);
          waiting.push(id);
        }
        last.clear();
        restarts++;
        restart = undefined;
      }
      if (commits > seen) continue;
      for (const id of running) compare(id);
      for (const row of ended.all()) {
        const id = String(row["id"]);
        if (row["status"] === "Failed") wrong.push(`${id}: ${row["output"]}`);
        running.delete(id);
        idleTurns = 0;
        await attempt(sample.call("DELETE", `${sample.base}/instances/${id}`));
      }
      assert.ok(++idleTurns < 5_000, `nothing ends: ${[...running].map((id) => `${id} ${JSON.stringify(plans.get(id))}`).join("\n")}`);
      // Nothing happens by itself any more: time passes, or somebody raises an event.
      const [next] = sample.clock.pending();
      const id = [...running][Math.floor(draws() * running.size)];
      if (next !== undefined && (draws() < 0.5 || id === undefined)) sample.clock.advanceTo(next);
      else if (id !== undefined) {
        const name = eventNames[Math.floor(draws() * eventNames.length)];
        await attempt(sample.call("POST", `${sample.base}/instances/${id}/raiseEvent/${name}`, "raised"));
      }
    }
    const [first] = wrong;
    assert.equal(first, undefined, `${first}\n${JSON.stringify(plans.get(first?.split(":")[0] ?? ""))}`);
    assert.ok(compared > runs && (killed === 0 || restarts > 0), `${compared} comparisons, ${restarts} restarts`);
    t.diagnostic(`${compared} comparisons, ${restarts} restarts`);
  });
}

/** Numbers from 0 to 1, the same for the same seed. */
function draw(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
