import assert from "node:assert/strict";
import { test } from "node:test";
import { completionExamples } from "../../schemas/completion-examples.ts";
import { type Row, tableBoard } from "../../tools/board.ts";
import { openLiveRegion } from "../../tools/live-region.ts";
import { outgoingOf } from "../../tools/outgoing.ts";
import { sampleEvent } from "../support/sample.ts";

// What `npm run send` draws on a terminal. `screenOf` carries out the few control sequences that it
// uses.

function screenOf(written: string): string[] {
  const [begin = "", ...sequences] = written.split("\u001b[");
  let lines = begin.split("\n");
  for (const sequence of sequences) {
    const [, count, action, text = ""] = /^(\d*)([AJm])([\s\S]*)$/.exec(sequence) ?? assert.fail(sequence);
    // Up to the first line of the region; all of it is erased right after that.
    if (action === "A") lines = [...lines.slice(0, -1 - Number(count)), ""];
    const [rest = "", ...more] = text.split("\n");
    lines.push(`${lines.pop()}${rest}`, ...more);
  }
  return lines;
}

const rowOf = (connectionName: string): Row => {
  const event = sampleEvent((each) => Object.assign(each.data.target, { connectionName }));
  const request = outgoingOf({ name: `${connectionName}.json`, content: Buffer.from(JSON.stringify(event)) }, "requests");
  return { request, step: "to be sent", place: null, sentAt: null, event: null };
};

test("the table: answered requests go up and stay, the others are drawn anew below", () => {
  const rows = ["branch-1", "branch-22", "branch-3"].map(rowOf);
  let written = "";
  const board = tableBoard(rows, { isTerminal: true, colours: true, columns: 100, rows: 24 }, (text) => (written += text));
  const [first, second] = rows as [Row, Row];
  Object.assign(second, { step: "waiting", place: 1 });
  board.show(second);
  Object.assign(first, { event: completionExamples().rejected });
  board.show(first);
  board.end();
  assert.deepEqual(
    screenOf(written).map((line) => line.trimEnd()),
    [
      "CONNECTION  GATEWAY   STEP          PLACE  ELAPSED   OUTCOME",
      `branch-1    gateway1  answered             ${seconds(first)}  Rejected, InvalidRequest`,
      "branch-22   gateway1  waiting       1      –",
      "branch-3    gateway1  to be sent           –",
      "",
    ],
  );
  assert.ok(written.includes("\u001b[31mbranch-1"), "red");
});

const seconds = ({ event }: Row) => {
  const { receivedAt, completedAt } = event?.data.timing ?? { receivedAt: "", completedAt: "" };
  return `${((Date.parse(completedAt) - Date.parse(receivedAt)) / 1000).toFixed(1)} s`.padEnd(8);
};

test("no line is wider than the terminal, and names carry out nothing", () => {
  const rows = [rowOf(`evil\u001b[2Jname-${"x".repeat(80)}`)];
  let written = "";
  tableBoard(rows, { isTerminal: true, colours: false, columns: 60, rows: 24 }, (text) => (written += text)).end();
  assert.ok(!written.includes("\u001b[2J"));
  for (const line of screenOf(written)) assert.ok(line.length < 60, line);
});

test("what does not fit on the screen is counted", () => {
  let written = "";
  const region = openLiveRegion({ rows: 6 }, (text) => (written += text));
  const lines = Array.from({ length: 10 }, (_, index) => `line ${index}`);
  region.draw(lines);
  region.print(["done"]);
  region.draw(lines);
  assert.deepEqual(screenOf(written), ["done", "line 0", "line 1", "line 2", "… 7 more", ""]);
});
