import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { billMonth, billPremium, billRequests, instanceGigabytes, totalOf } from "../../bench/cost/bill.ts";
import { durations, type Measured, measureCounts } from "../../bench/cost/counts.ts";
import { type PriceName, type Prices, priceFile, priceNames, readPrices } from "../../bench/cost/prices.ts";
import { costTables } from "../../bench/cost/tables.ts";
import { eventType } from "../../local/functions-host/durable/events.ts";
import { readTable } from "../../tools/doc-tables.ts";
import { onlyDeployed } from "../support/deployment.ts";

// `npm run cost`: what it counts is what the host's store and log have, and what it bills follows
// from the prices.

const root = join(import.meta.dirname, "..", "..");
const keep = mkdtempSync(join(tmpdir(), "cost-kept-"));
after(() => rmSync(keep, { recursive: true }));
const prices = readPrices(priceFile);
let measured: Measured;
before(async () => {
  measured = await measureCounts({ requests: 1, durations, keep });
});

/** Adds up a figure over all durations. Each ran one request. */
const inAll = (value: (counts: Measured["counts"][number]) => number) =>
  measured.counts.reduce((total, counts) => total + value(counts), 0);
const executionsOf = (name: string) => inAll(({ executions }) => executions[name] ?? 0);
const logged = () =>
  readFileSync(join(keep, "host.log"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { category: string; function?: string; message: string });

describe("what is counted", () => {
  test("executions are those of the host's log", () => {
    const inLog = logged().filter(({ category, message }) => category === "host" && message === "Executing");
    const byName = Object.groupBy(inLog, (line) => line.function ?? "");
    const names = [...new Set(measured.counts.flatMap(({ executions }) => Object.keys(executions)))];
    assert.deepEqual(Object.keys(byName).sort(), names.sort());
    for (const name of names) assert.equal(executionsOf(name), byName[name]?.length, name);
  });

  test("orchestrator turns, activities and calls of entities are those of the stored histories", () => {
    const store = new DatabaseSync(join(keep, "durable.sqlite"), { readOnly: true });
    const events = store
      .prepare("SELECT value FROM history, json_each(events)")
      .all()
      .map(({ value }) => JSON.parse(String(value)) as { EventType: number; Name?: string });
    store.close();
    const of = (type: number) => events.filter(({ EventType }) => EventType === type);
    assert.equal(executionsOf("provisionVpnConnection"), of(eventType.OrchestratorStarted).length);
    assert.equal(
      executionsOf("gateway") + executionsOf("request") - inAll(() => 1),
      of(eventType.EventSent).length,
      "one is the note of a key",
    );
    const activities = Object.entries(Object.groupBy(of(eventType.TaskScheduled), ({ Name = "" }) => Name));
    assert.ok(activities.length >= 5);
    for (const [name, scheduled = []] of activities) assert.equal(executionsOf(name), scheduled.length, name);
  });

  test("polls and requests are those of the app's own log lines", () => {
    const steps = logged().flatMap(({ message }) => (message.startsWith("{") ? [(JSON.parse(message) as { step?: string }).step] : []));
    const count = (step: string) => steps.filter((each) => each === step).length;
    assert.equal(executionsOf("receiveRequest"), count("received"));
    assert.equal(executionsOf("publishCompletion"), count("published"));
    assert.ok(inAll(({ polls }) => polls) > 100);
    assert.equal(
      executionsOf("pollOperation"),
      inAll(({ polls }) => polls),
    );
  });

  test("calls are those that Resource Manager received", () => {
    const received = JSON.parse(readFileSync(join(keep, "resource-manager.json"), "utf8")) as unknown[];
    assert.equal(
      inAll(({ resourceManagerCalls }) => resourceManagerCalls),
      received.length,
    );
  });

  test("the groups are those in which Flex Consumption scales, and hold every execution", () => {
    for (const { groups, executions } of measured.counts) {
      assert.deepEqual(Object.keys(groups).sort(), ["durable", "function:receiveRequest"]);
      const sum = (values: Readonly<Record<string, number>>) => Object.values(values).reduce((total, value) => total + value, 0);
      assert.equal(sum(groups), sum(executions));
    }
  });

  test("a longer operation is more work, and nothing but polls is added", () => {
    const fixed = measured.counts.map(({ polls, groups }) => (groups["durable"] ?? 0) - 3 * polls);
    assert.deepEqual(fixed.slice(1), [17, 17, 17]);
    assert.deepEqual(
      measured.counts.map(({ polls }) => polls),
      measured.counts.map(({ polls }) => polls).toSorted((one, other) => one - other),
    );
  });
});

const changed = (name: PriceName, factor: number): Prices => {
  const price = prices.prices[name];
  return { ...prices, prices: { ...prices.prices, [name]: { ...price, amount: price.amount * factor } } };
};
const costs = (given: Prices) => [
  ...measured.counts.map((counts) => totalOf(billRequests(counts, 1_000, given)).high),
  totalOf(billMonth(measured, given)).high,
  billPremium(given).high,
];

describe("what is billed", () => {
  test("another price makes another bill, for each price", () => {
    for (const name of priceNames) {
      const [before, now] = [costs(prices), costs(changed(name, 1_000))];
      if (name === "alwaysReadyBaseline") assert.ok((now.at(-2) ?? 0) > 1_000 * 20);
      assert.ok(
        now.some((cost, index) => cost > (before[index] ?? 0)),
        name,
      );
    }
  });

  test("the low bound is never above the high one, whatever the prices are", () => {
    const amounts = fc.tuple(...priceNames.map(() => fc.double({ min: 0, max: 100, noNaN: true })));
    fc.assert(
      fc.property(amounts, (values) => {
        const entries = priceNames.map((name, index) => [name, { ...prices.prices[name], amount: values[index] ?? 0 }] as const);
        const given = { ...prices, prices: Object.fromEntries(entries) } as Prices;
        const lines = [...measured.counts.flatMap((counts) => billRequests(counts, 1_000, given)), ...billMonth(measured, given)];
        for (const { name, low, high } of lines) assert.ok(low <= high, name);
      }),
    );
  });

  test("1,000 requests cost a thousand times one", () => {
    for (const counts of measured.counts) {
      const [one, thousand] = [1, 1_000].map((requests) => totalOf(billRequests(counts, requests, prices)).high);
      assert.ok(Math.abs((thousand ?? 0) - 1_000 * (one ?? 0)) < 1e-9);
    }
  });

  test("the memory of an instance is that of the deployment", () => {
    const { functionAppConfig } = onlyDeployed("minimal", "Microsoft.Web/sites").properties;
    const { scaleAndConcurrency } = functionAppConfig as { scaleAndConcurrency: { instanceMemoryMB: number } };
    assert.equal(scaleAndConcurrency.instanceMemoryMB, instanceGigabytes * 1_024);
  });
});

describe("the prices", () => {
  test("each has a date that was, an address, a region, and says how sure it is", () => {
    assert.deepEqual(Object.keys(prices.prices).sort(), [...priceNames].sort());
    for (const [name, { date, url, region, sure }] of Object.entries(prices.prices)) {
      assert.match(date, /^20\d\d-\d\d-\d\d$/, name);
      assert.match(url, /^https:\/\//, name);
      assert.ok(region && /^(good|fair|poor): /.test(sure), name);
    }
  });

  test("a price without a date, and a file that is not there, are named", () => {
    const file = join(keep, "prices.json");
    const { date: _gone, ...undated } = prices.prices.blobRead;
    writeFileSync(file, JSON.stringify({ ...prices, prices: { ...prices.prices, blobRead: undated } }));
    assert.throws(() => readPrices(file), /prices\.blobRead\.date: .*Compare it with infra\/prices\.json/);
    assert.throws(() => readPrices(join(keep, "nowhere.json")), /There is no file .*nowhere\.json\./);
  });
});

describe("docs/cost.md", () => {
  const text = readFileSync(join(root, "docs", "cost.md"), "utf8");
  const numbersOf = (table: string) => [...table.matchAll(/\d[\d,]*(\.\d+)?/g)].map(([number]) => Number(number.replaceAll(",", "")));

  for (const name of ["counts", "requests", "month", "prices"] as const)
    test(`has the table "${name}" of today`, () => {
      const [written, today] = [readTable(text, name), costTables(measured, prices)[name]];
      const rewrite = "run node local/node.js bench/write-tables.ts";
      const words = (table: string) => table.replaceAll(/\d[\d,]*(\.\d+)?/g, "0");
      assert.equal(words(written), words(today), rewrite);
      // Ports, times and ids are in what is stored, so bytes differ a little from run to run.
      const pairs = numbersOf(written).map((number, index) => [number, numbersOf(today)[index] ?? Number.NaN] as const);
      for (const [one, other] of pairs)
        assert.ok(Math.abs(one - other) <= (one < 1 ? 0.011 : one < 10 ? 1 : 10), `${one} and ${other}: ${rewrite}`);
    });

  test("has no other table that is written", () => {
    const marked = [...text.matchAll(/<!-- table: (\w+) -->/g)].map(([, name]) => name);
    assert.deepEqual(marked.sort(), ["counts", "month", "prices", "requests"]);
  });
});

test("the command prints the tables, and with --json the lines; another price file changes them", () => {
  const file = join(keep, "others.json");
  copyFileSync(priceFile, file);
  writeFileSync(file, JSON.stringify(changed("serviceBusHour", 10)));
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, "bench", "cost.ts"), ...args], { encoding: "utf8", cwd: root });
  const { status, stdout, stderr } = run("--json", "--prices", file);
  assert.deepEqual([status, stderr.replace(/^.*Warning.*\n|^\(Use.*\n/gm, "")], [0, ""]);
  const { month, durations: billed } = JSON.parse(stdout) as {
    month: { lines: { name: string; low: number }[] };
    durations: { name: string; groups: object; cost: { low: number; high: number } }[];
  };
  assert.equal(month.lines.find(({ name }) => name === "Service Bus Standard")?.low, 720 * 0.135);
  assert.deepEqual(
    billed.map(({ name }) => name),
    ["at once", "2 min", "30 min", "6 h"],
  );
  for (const { cost } of billed) assert.ok(cost.low > 0 && cost.low <= cost.high);
  const plain = run();
  assert.equal(plain.status, 0);
  for (const word of ["storage transactions | ", "*modelled*", "Measured on the local stack", "The\nlow bound"])
    assert.ok(plain.stdout.includes(word), word);
});
