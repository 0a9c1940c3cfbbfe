import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { scaleTables } from "../../bench/simulation/scale-tables.ts";
import { coreSecondsPerItem, workOfRequest, workPerRequest } from "../../bench/work-per-request.ts";
import { readTable, replaceTable } from "../../tools/doc-tables.ts";

// The tables of docs/scale.md are those of the simulation, and what the page says in words follows
// from them.

const text = readFileSync(join(import.meta.dirname, "..", "..", "docs", "scale.md"), "utf8");
const rewrite = "the tables are old: node local/node.js bench/write-tables.ts";
let tables: Readonly<Record<string, string>> = {};
before(() => {
  tables = scaleTables();
});

for (const name of ["work", "limits", "capacities", "setups", "loads", "waits"])
  test(`docs/scale.md has the table "${name}" of today`, () => {
    assert.equal(readTable(text, name), tables[name], rewrite);
  });

test("docs/scale.md has no other table that is written", () => {
  const marked = [...text.matchAll(/<!-- table: (\w+) -->/g)].map(([, name]) => name);
  assert.deepEqual(marked.sort(), Object.keys(tables).sort());
});

test("the limits that are met first are those that docs/scale.md names in short", () => {
  const rows = (tables["loads"] ?? "").trim().split("\n").slice(2);
  const met = rows.map((row) => {
    const cells = row.split("|").map((cell) => cell.trim());
    return [cells[1], cells[2], cells.at(-2)?.replace(/^none,.*/, "none")].join(", ");
  });
  assert.deepEqual(met, [
    "100, steady, none",
    "100, change night, none",
    "10,000, steady, none",
    "10,000, change night, busy gateways",
    "1,000,000, steady, reads of Azure",
    "1,000,000, change night, reads of Azure",
    "1,000,000 in 20 shares, steady, none",
    "1,000,000 in 20 shares, change night, busy gateways",
  ]);
});

test("every limit has a page, and the page a date", () => {
  const rows = readTable(text, "limits").trim().split("\n").slice(2);
  assert.ok(rows.length > 20);
  for (const row of rows) assert.match(row, /\]\(https:\/\/[^)]+\)/);
  assert.match(text, /were read on \d{4}-\d{2}-\d{2}/);
});

test("work adds up: a request with three polls is one with one poll, and two further ones", () => {
  const { withOnePoll, furtherPoll } = workPerRequest;
  assert.deepEqual(workOfRequest(1), withOnePoll);
  assert.equal(workOfRequest(3).storageTransactions, withOnePoll.storageTransactions + 2 * furtherPoll.storageTransactions);
  assert.ok(coreSecondsPerItem > 0.001 && coreSecondsPerItem < 0.1);
});

test("a table is replaced as a whole, and only that one", () => {
  const document = "a\n<!-- table: one -->\n| 1 |\n| 2 |\n\n<!-- table: two -->\n| 3 |\n";
  assert.equal(replaceTable(document, "one", "| x |\n"), "a\n<!-- table: one -->\n| x |\n\n<!-- table: two -->\n| 3 |\n");
  assert.equal(readTable(document, "two"), "| 3 |\n");
  assert.throws(() => replaceTable(document, "three", "| x |\n"), /no table after <!-- table: three -->/);
});
