import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { exampleRequest, type KeptHistory, operationLengths, retryAfterHints, tableOfWaiting } from "../../bench/waiting-cost.ts";
import { createManualClock } from "../../local/clock.ts";
import { readTable } from "../../tools/doc-tables.ts";
import { createSimulatedAzure } from "../support/simulated-azure.ts";
import { beginning, drive } from "./driven.ts";
import { sealedRequest, wholeApp } from "./whole.ts";

// What waiting costs: how often operations of all lengths are polled, and what one poll adds to the
// history. The table of docs/architecture.md is written by bench/write-tables.ts.

const root = join(import.meta.dirname, "..", "..");
const HOUR = 3600;
const rows = numbersOf(readTable(readFileSync(join(root, "docs", "architecture.md"), "utf8"), "waiting"));

/** The numbers of a table, without its first column. */
function numbersOf(table: string): number[][] {
  const lines = table.trim().split("\n").slice(2);
  return lines.map((line) =>
    line
      .split("|")
      .slice(2, -1)
      .map((cell) => Number(cell.replaceAll(",", ""))),
  );
}

/** Polls of one operation that takes so long, in simulated time. */
async function pollsOf(seconds: number, retryAfterSeconds: number | null): Promise<number> {
  const clock = createManualClock(beginning);
  const azure = createSimulatedAzure({ clock, operationSeconds: seconds, retryAfterSeconds });
  const request = sealedRequest((event) => {
    Object.assign(event, exampleRequest);
    event.data.deadlineMinutes = 1440;
  });
  const { completion } = await drive(request, wholeApp({ azure, publish: () => {} }), { clock, proven: 0 });
  // An operation as long as the longest deadline is answered there, and polled on to its end.
  assert.equal(completion.event.data.problem?.code, seconds < 24 * HOUR ? undefined : "OperationDeadlineExceeded");
  const polls = azure.calls.filter(({ kind }) => kind === "poll");
  for (const [index, { at }] of polls.entries()) {
    const former = polls[index - 1]?.at ?? 0;
    assert.ok(at - former >= (retryAfterSeconds ?? 5) * 1000, `poll ${index} came after ${at - former} ms`);
  }
  return polls.length;
}

test("polls are as many as docs/architecture.md says", async () => {
  assert.equal(rows.length, operationLengths.length);
  for (const [index, { name, seconds }] of operationLengths.entries()) {
    const polls: number[] = [];
    for (const hint of retryAfterHints) polls.push(await pollsOf(seconds, hint));
    assert.deepEqual(rows[index]?.slice(0, polls.length), polls, name);
  }
});

test("a request keeps as much as docs/architecture.md says, and a poll adds two episodes and eight events", async (context) => {
  const program = join(import.meta.dirname, "history-program.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 60_000 });
  const [few, many] = JSON.parse(stdout) as [KeptHistory, KeptHistory];
  context.diagnostic(stdout);
  const more = many.polls - few.polls;
  assert.ok(more > 20);
  assert.deepEqual([many.episodes - few.episodes, many.events - few.events], [2 * more, 8 * more]);

  const measured = numbersOf(tableOfWaiting([few, many]));
  const KILOBYTES = 5;
  for (const [index, cells] of measured.entries()) {
    const stated = rows[index] ?? [];
    const withoutKilobytes = (row: readonly number[]) => row.toSpliced(KILOBYTES, 1);
    assert.deepEqual(withoutKilobytes(stated), withoutKilobytes(cells), "node local/node.js bench/write-tables.ts");
    // Tokens and addresses differ by some bytes from run to run, and the table has tens.
    const difference = Math.abs((stated[KILOBYTES] ?? Number.NaN) - (cells[KILOBYTES] ?? Number.NaN));
    assert.ok(difference <= 10, `${operationLengths[index]?.name}: ${stated[KILOBYTES]} KB stated, ${cells[KILOBYTES]} KB measured`);
  }
});
