import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { keyFinderOf } from "../../../shared/secrets/key-spellings.ts";
import { newMark } from "../../support/marks.ts";
import { everySpellingOf, spellings } from "../../support/spellings.ts";

test("a key is found in nested spellings", () => {
  const signs = fc.string({ maxLength: 12, unit: fc.constantFrom(..."\"\\/%+&<>'= ;#?{}`!~()*ab1") });
  const nested = fc.array(fc.constantFrom(...Object.values(spellings)), { maxLength: 3 });
  fc.assert(
    fc.property(signs, nested, fc.string(), (between, spelt, around) => {
      const key = `${newMark()}${between}${newMark()}`;
      const text = spelt.reduce((written, spell) => spell(written), key);
      assert.ok(keyFinderOf([key])(`${around} ${text}`), text);
    }),
    { numRuns: 2_000 },
  );
  const key = `a"b\\c/d+e&f g${"é"}`;
  for (const text of everySpellingOf(key)) assert.ok(keyFinderOf([key])(`this ${text} is found`), text);
});
