import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { createStoreCipher } from "../../../local/service-bus/store-cipher.ts";

// What is sealed in a data directory can be opened there, by the process that sealed it and by the
// next, and nowhere else.

const [directory, other] = ["a", "b"].map((name) => mkdtempSync(join(tmpdir(), `at-rest-${name}-`))) as [string, string];
after(() => {
  for (const each of [directory, other]) rmSync(each, { recursive: true });
});

test("any bytes come back, in any order, for the next process too", () => {
  const before = createStoreCipher(directory);
  const next = createStoreCipher(directory);
  const values = fc.array(
    fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(values, (given) => {
      const sealed = given.map(before.seal).toReversed();
      assert.deepEqual(sealed.map(before.open).toReversed(), given);
      assert.deepEqual(sealed.map(next.open).toReversed(), given);
    }),
  );
});

test("the same bytes are sealed in another way each time, and another directory's key does not open them", () => {
  const { seal } = createStoreCipher(directory);
  const bytes = Buffer.from("the same sixteen bytes, and some more of them");
  const [first, second, third] = [seal(bytes), seal(bytes), createStoreCipher(directory).seal(bytes)];
  assert.equal(new Set([first, second, third].map((sealed) => sealed.subarray(16).toString("hex"))).size, 3);
  assert.notDeepEqual(createStoreCipher(other).open(first), bytes);
});
