import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createSubmissionNotes } from "../../../functions/activities/submission-note.ts";
import { startTaskHub } from "../../support/task-hub.ts";

let hub: Awaited<ReturnType<typeof startTaskHub>>;
before(async () => {
  hub = await startTaskHub();
});
after(() => hub.close());

const note = { attempt: 2, before: { existed: true, etag: "e" } };

test("a note is written when it can be read, and not before", async () => {
  let looks = 0;
  const notes = createSubmissionNotes(async () => {
    looks++;
    // An earlier note of the same request does not count.
    hub.entities.set("request/vpn-1", { submission: { ...note, attempt: looks < 4 ? 1 : 2 } });
  });
  await notes.write(hub.context(), "vpn-1", note);
  assert.equal(looks, 4);
  assert.deepEqual(await notes.read(hub.context(), "vpn-1"), note);
});

test("a note that the store does not take in time is no note", async () => {
  hub.entities.clear();
  await assert.rejects(createSubmissionNotes(async () => {}).write(hub.context(), "vpn-1", note), /not stored/);
});
