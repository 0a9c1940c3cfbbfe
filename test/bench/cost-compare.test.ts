import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { describeTransactions, readTransactions, requestsThatMake } from "../../bench/cost/compare.ts";
import type { Measured } from "../../bench/cost/counts.ts";
import { workOfRequest } from "../../bench/work-per-request.ts";

// `npm run cost -- --compare`: Azure's metric of storage transactions beside the model.

const directory = mkdtempSync(join(tmpdir(), "compare-"));
after(() => rmSync(directory, { recursive: true }));

/** The metric as the Azure CLI prints it, with two hours of each operation. */
function metricOf(operations: Readonly<Record<string, number>>, dimension = "apiname"): object {
  const data = (count: number) => [
    { timeStamp: "2026-12-01T00:00:00Z", total: count - 1 },
    { timeStamp: "2026-12-01T01:00:00Z", total: 1 },
    { total: null },
  ];
  const timeseries = Object.entries(operations).map(([value, count]) => ({
    data: data(count),
    metadatavalues: [{ name: { localizedValue: dimension, value: dimension }, value }],
  }));
  return {
    interval: "PT1H",
    value: [
      { name: { value: "Transactions" }, timeseries },
      { name: { value: "Egress" }, timeseries: [] },
    ],
  };
}
function fileOf(content: unknown): string {
  const file = join(directory, "metrics.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

const none = { executions: {}, groups: {}, resourceManagerCalls: 0, messages: 0, logBytes: 0, historyBytes: 0 };
const measured: Measured = {
  requests: 1,
  timers: {},
  counts: [
    { ...none, name: "short", seconds: 60, polls: 1 },
    { ...none, name: "long", seconds: 600, polls: 10 },
  ],
};

test("transactions are added up by operation, and reads of idle queues do not count as work", () => {
  const work = 3 * workOfRequest(10).storageTransactions;
  const transactions = readTransactions(fileOf(metricOf({ QueryEntities: work - 100, PutMessage: 100, GetMessages: 50_000 })));
  assert.deepEqual([...transactions].sort(), [
    ["GetMessages", 50_000],
    ["PutMessage", 100],
    ["QueryEntities", work - 100],
  ]);
  const [short, long] = requestsThatMake(transactions, measured);
  assert.equal(long?.requests, 3);
  assert.ok((short?.requests ?? 0) > 3);
  const text = describeTransactions(transactions, measured);
  assert.match(text, /^\| storage transactions \| count \|\n.*\n\| GetMessages \| 50,000 \|\n/);
  assert.match(text, /requests \(short\), or 3\.0 requests \(long\)/);
});

for (const [what, content] of [
  ["another metric", { value: [{ name: { value: "Egress" }, timeseries: [] }] }],
  ["no dimension", metricOf({ PutMessage: 5 }, "authentication")],
  ["no metric at all", []],
  ["no JSON", "{"],
] as const)
  test(`${what}: the command that makes the file is named`, () => {
    assert.throws(
      () => readTransactions(fileOf(content)),
      /metrics\.json is not the metric Transactions by ApiName\. Make it with: az monitor/,
    );
  });
