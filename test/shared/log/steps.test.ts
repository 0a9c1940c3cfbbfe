import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type LogFields, type LogStep, logTable, type WriteStep } from "../../../shared/log/steps.ts";

const root = join(import.meta.dirname, "..", "..", "..");

test("the table in docs/operations.md has each step, with its fields", () => {
  const page = readFileSync(join(root, "docs", "operations.md"), "utf8");
  const section = page.slice(page.indexOf("## What a line of the log says"), page.indexOf("## Traces"));
  const rows = [...section.matchAll(/^\| `(\w+)` \| [^|]+\. \| ([^|]*)\|$/gm)].map(([, step = "", cell = ""]) => [
    step,
    [...cell.matchAll(/`([^`]+)`/g)].map(([, field = ""]) => field),
  ]);
  assert.deepEqual(Object.fromEntries(rows), logTable.steps);
});

test("every step is written somewhere in the app", () => {
  const code = globSync("functions/**/*.ts", { cwd: root }).map((path) => readFileSync(join(root, path), "utf8"));
  // The spans of a trace are exported, and dropped, by a part that comes later.
  const unwritten = Object.keys(logTable.steps).filter((step) => !code.some((text) => text.includes(`"${step}"`)));
  assert.deepEqual(
    unwritten.filter((step) => step !== "spansDropped"),
    [],
  );
});

test("a call of the log is checked against the table", () => {
  const lines: object[] = [];
  const log: WriteStep = (step, fields) => void lines.push({ step, ...fields });
  log("stuck", { instanceId: "vpn-1", looks: 1 });
  log("adopted", { gatewayId: "/g", armState: null });
  // @ts-expect-error: a step that does not exist
  log("sweept", {});
  // @ts-expect-error: a field of another step
  log("stuck", { looks: 1, position: 2 });
  // @ts-expect-error: a field of another type
  log("stuck", { looks: "1" });
  // @ts-expect-error: a field that is missing
  log("backlog", { queue: "q", deadLetter: false });
  // @ts-expect-error: a field that may not be null
  const queue: LogFields<"backlog">["queue"] = null;
  // @ts-expect-error: a line whose fields are those of another step
  const line: LogStep = { step: "swept", looks: 1 };
  assert.equal(lines.length, 6);
  assert.deepEqual([queue, line], [null, { step: "swept", looks: 1 }]);
});
