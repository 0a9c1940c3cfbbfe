import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { differences } from "../../shared/arm/comparison.ts";
import { readRecordings } from "./recordings.ts";

// What the real service makes of a PUT is no difference to it. The recordings are read where they
// lie.

const directory = process.env["RECORDINGS_DIR"];
const why = "Recorded reads are compared where RECORDINGS_DIR names the folder of the recordings.";

describe("a recorded PUT is equal to the read after it", { skip: directory ? false : why }, () => {
  for (const { name, changes } of directory ? readRecordings(directory) : []) {
    const written = changes.filter(({ after }) => after?.status === 200);

    test(`${name}: ${written.length} reads`, () => {
      for (const { body, put, after } of written) {
        assert.deepEqual(differences(body, after?.body), []);
        assert.deepEqual(differences(body, put.body), []);
        assert.deepEqual(differences(after?.body, after?.body), []);
      }
    });

    test(`${name}: a PUT differs from what was there before, unless it writes the same again`, () => {
      for (const { body, before, after } of changes) {
        if (!before || !after) continue;
        const isRepetition = differences(after.body, before).length === 0;
        assert.equal(differences(body, before).length === 0, isRepetition);
      }
    });
  }
});
