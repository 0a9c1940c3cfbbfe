import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { clockOf, pacesOf } from "../../local/paces.ts";
import { startStack } from "../../local/stack/index.ts";
import { eventually } from "../support/eventually.ts";

// Product time outlives the stack: it goes on where it was, at whatever speed.

const root = join(import.meta.dirname, "..", "..");
const directory = mkdtempSync(join(tmpdir(), "paces-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const fresh = () => mkdtempSync(join(directory, "data-"));

test("the first pace begins with real time; the same speed goes on with it; another one begins where time has come to", () => {
  const data = fresh();
  assert.deepEqual(pacesOf(data, 60, 1_000), [{ epoch: 1_000, product: 1_000, rate: 60 }]);
  assert.equal(clockOf(pacesOf(data, 60, 5_000)).at(5_000), 241_000);
  const paces = pacesOf(data, 2, 5_000);
  assert.deepEqual(paces.at(-1), { epoch: 5_000, product: 241_000, rate: 2 });
  assert.equal(clockOf(paces).at(6_000), 243_000);
  // What came before the change keeps its time.
  assert.equal(clockOf(paces).at(3_000), 121_000);
});

test("product time never goes back, at whatever speeds and times a stack is started; what was told of an instant is told again", () => {
  const starts = fc.array(fc.record({ rate: fc.constantFrom(0.001, 0.5, 1, 60, 100_000), wait: fc.nat(100_000) }), {
    minLength: 1,
    maxLength: 20,
  });
  fc.assert(
    fc.property(starts, (runs) => {
      const data = fresh();
      let real = 1_800_000_000_000;
      let seen = 0;
      const told: [real: number, product: number][] = [];
      for (const { rate, wait } of runs) {
        const clock = clockOf(pacesOf(data, rate, real));
        for (const [instant, product] of told) assert.equal(clock.at(instant), product);
        for (const each of [real, real + wait]) {
          const product = clock.at(each);
          assert.ok(product >= seen, `${product} after ${seen}`);
          assert.ok(Number.isInteger(product));
          seen = product;
        }
        real += wait;
        // The last instant of a run is the first of the next one: the next pace says its time.
        if (wait > 0) told.push([real - 1, clock.at(real - 1)]);
      }
    }),
    { numRuns: 100 },
  );
});

test("a machine's clock that was set back does not set product time back", () => {
  const data = fresh();
  pacesOf(data, 1, 5_000_000);
  assert.ok(clockOf(pacesOf(data, 1, 1_000_000)).at(1_000_000) >= 5_000_000);
});

test("a file that says no time is told by its name", () => {
  for (const text of ["", "{}", "[1]", "[null]", '[{"epoch":"x","product":1,"rate":1}]', '[{"epoch":1,"product":1,"rate":0}]']) {
    const data = fresh();
    writeFileSync(join(data, "clock.json"), text);
    assert.throws(
      () => pacesOf(data, 1, 1),
      {
        message: `The file ${join(data, "clock.json")} is damaged (it contains no valid time). Delete it or give another --data-dir.`,
      },
      text,
    );
  }
});

test("a timer that was set at a high speed fires in time after a restart at another one", { timeout: 60_000 }, async () => {
  const dataDirectory = fresh();
  const start = (speed: number) =>
    startStack({
      ...{ dataDirectory, port: 0, serviceBusPort: 0, speed, shell: process.env, onLine() {} },
      app: join(root, "test", "conformance", "durable-app"),
    });
  const hour = 3_600_000;
  const management = "/runtime/webhooks/durabletask";
  const fast = await start(3_600);
  await fetch(`${fast.endpoints.functionsHost}${management}/orchestrators/sleeps/long`, { method: "POST", body: String(hour / 2) });
  await fetch(`${fast.endpoints.functionsHost}${management}/orchestrators/sleeps/short`, { method: "POST", body: "1" });
  const statusOf = async (url: string, id: string) =>
    (await (await fetch(`${url}${management}/instances/${id}`)).json()) as {
      runtimeStatus: string;
      output: number;
      createdTime: string;
      lastUpdatedTime: string;
    };
  const done = (url: string, id: string) =>
    eventually(`${id} ends`, async () => {
      const status = await statusOf(url, id);
      return status.runtimeStatus === "Completed" ? status : undefined;
    });
  const before = await done(fast.endpoints.functionsHost, "short");
  await fast.stop();
  const seen = fast.clock.now();
  assert.ok(existsSync(join(dataDirectory, "clock.json")) && readFileSync(join(dataDirectory, "clock.json"), "utf8").length > 2);

  const slow = await start(600);
  try {
    assert.ok(slow.clock.now() >= seen, "time did not go back");
    await fetch(`${slow.endpoints.functionsHost}${management}/orchestrators/sleeps/later`, { method: "POST", body: "1" });
    const later = await done(slow.endpoints.functionsHost, "later");
    assert.ok(Date.parse(later.createdTime) >= Date.parse(before.lastUpdatedTime));
    const long = await eventually(
      "the timer fires",
      async () => {
        const status = await statusOf(slow.endpoints.functionsHost, "long");
        return status.runtimeStatus === "Completed" ? status : undefined;
      },
      40_000,
    );
    assert.ok(long.output >= hour / 2);
  } finally {
    await slow.stop();
  }
});
