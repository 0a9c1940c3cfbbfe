import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "../checker.ts";
import type { Trace } from "../trace.ts";

/**
 * A trace and the violation that is found in it; nothing where it keeps every promise, however much
 * it looks like one that does not.
 */
export type Judged = readonly [name: string, trace: Trace, violation?: RegExp];

/** Tests what the checker says of traces. */
export function judge(...traces: readonly Judged[]): void {
  for (const [name, trace, violation] of traces) {
    test(`${violation ? "a" : "no"} violation: ${name}`, () => {
      const found = check(trace);
      if (violation === undefined) return assert.deepEqual(found, []);
      assert.ok(
        found.some((sentence) => violation.test(sentence)),
        `found: ${found.join(" ")}`,
      );
    });
  }
}
