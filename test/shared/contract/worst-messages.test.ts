import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { messageBounds } from "../../../shared/json/bounds.ts";
import { worstMessages } from "../../support/worst-messages.ts";

/**
 * The aim is 300 ms (`npm run bench -- validate`); other work on the machine makes processor time
 * dearer too.
 */
const MOST_MILLISECONDS = 600;
const MOST_MEGABYTES = 100;

interface Cost {
  readonly name: string;
  readonly bytes: number;
  readonly milliseconds: number;
  readonly findings: number;
  readonly unreadable: string | null;
  readonly above: number;
}

test("no message of 256 KB costs the app more than a moment and a little memory, however it is made", () => {
  const program = join(import.meta.dirname, "worst-messages-process.ts");
  // What the messages before left behind must be collected in time to be told from what one takes.
  const limits = ["--max-old-space-size=96", "--max-semi-space-size=8"];
  const printed = execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", ...limits, program], { encoding: "utf8" });
  const costs = printed
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Cost);
  assert.deepEqual(
    costs.map(({ name }) => name),
    Object.keys(worstMessages),
  );
  for (const { name, bytes, milliseconds, findings, unreadable, above } of costs) {
    assert.ok(bytes <= messageBounds.bytes, name);
    assert.ok(milliseconds <= MOST_MILLISECONDS, `${name}: ${milliseconds} ms`);
    assert.ok(above <= MOST_MEGABYTES, `${name}: ${above} MB`);
    assert.ok(unreadable === null ? findings > 0 && findings <= 201 : unreadable.length < 500, `${name}: ${findings}, ${unreadable}`);
  }
});
