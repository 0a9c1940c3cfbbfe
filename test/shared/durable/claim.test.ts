import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Completion } from "../../../shared/contract/completion.ts";
import { type Claim, claimOperations, claimViewOf, isSamePayload, noClaim } from "../../../shared/durable/claim.ts";

const { open, claim, sent, cancel, withdraw, noteStuck, noteSubmission } = claimOperations;
const completionOf = (id: string) => ({ event: { id }, ticket: null, replySessionId: null }) as unknown as Completion;
const first = completionOf("first");
const opened = open(noClaim, { fingerprints: ["k1.a", "k0.b"] });

test("the first payload stays, whoever comes after it", () => {
  assert.deepEqual(opened, { fingerprints: ["k1.a", "k0.b"], completion: null, sent: false, cancelled: false });
  assert.equal(open(opened, { fingerprints: ["k1.other"] }), opened);
});

test("the first answer stays, and is sent once it is there", () => {
  assert.equal(sent(opened), opened, "nothing to send yet");
  const claimed = claim(opened, { completion: first });
  assert.equal(claimed.completion, first);
  assert.equal(claim(claimed, { completion: completionOf("second") }), claimed);
  assert.deepEqual(sent(claimed), { ...claimed, sent: true });
});

test("the note of a PUT is kept until there is an answer, and told to nobody who calls", () => {
  const note = { attempt: 2, before: { existed: true, etag: "e" } };
  const noted = noteSubmission(noteSubmission(opened, { ...note, attempt: 1 }), note);
  assert.deepEqual(noted, { ...opened, submission: note });
  assert.deepEqual(claimViewOf(noted, noted, "cancel"), opened);
  const claimed = claim(noted, { completion: first });
  assert.deepEqual(claimed, { ...opened, completion: first });
  assert.equal(noteSubmission(claimed, note), claimed);
});

test("a cancellation is noted before the request and while it runs, and no more once it has its answer", () => {
  assert.equal(cancel(noClaim).cancelled, true);
  assert.deepEqual(open(cancel(noClaim), { fingerprints: ["k1.a"] }), { ...cancel(noClaim), fingerprints: ["k1.a"] });
  assert.equal(cancel(opened).cancelled, true);
  const claimed = claim(opened, { completion: first });
  assert.equal(cancel(claimed), claimed);
});

test("a cancellation is withdrawn only while the request has not come: the claim is then as if nothing had been", () => {
  assert.deepEqual(withdraw(cancel(noClaim)), noClaim);
  assert.equal(withdraw(cancel(opened)).cancelled, true);
});

test("each look that finds an instance stuck is noted once, and goes with no answer", () => {
  const [one, two] = ["2026-01-01T00:00:00.000Z", "2026-01-01T00:02:00.000Z"];
  const noted = noteStuck(noteStuck(noteStuck(opened, { at: one }), { at: one }), { at: two });
  assert.deepEqual(noted, { ...opened, stuckAt: [one, two] });
  assert.deepEqual(claimViewOf(noted, opened, "cancel"), opened);
});

test("an answer goes into the history of whoever claims it only if another one was first", () => {
  const claimed = claim(opened, { completion: first });
  assert.equal(claimViewOf(claimed, opened, "claim").completion, null);
  assert.equal(claimViewOf(claimed, claimed, "claim").completion, first);
  assert.equal(claimViewOf(sent(claimed), claimed, "sent").completion, null);
  assert.equal(claimViewOf(claimed, claimed, "open").completion, first);
});

test("payloads are the same where they share a fingerprint under any key", () => {
  assert.ok(isSamePayload(["k2.x", "k1.a"], ["k1.a", "k0.y"]));
  assert.ok(!isSamePayload(["k2.a", "k1.x"], ["k1.a", "k2.x"]), "a fingerprint is told apart by its key");
  assert.ok(!isSamePayload([], []), "no payload is the same as none");
});

/** What was first, and what happened since: all that a claim should be follows from it. */
interface Model {
  payload: string | null;
  answer: string | null;
  sent: boolean;
  cancelled: boolean;
}
type Real = { claim: Claim };

const command = (text: string, operation: (claim: Claim) => Claim, expect: (model: Model) => void): fc.Command<Model, Real> => ({
  check: () => true,
  toString: () => text,
  run(model, real) {
    real.claim = JSON.parse(JSON.stringify(operation(Object.freeze(real.claim)))) as Claim;
    assert.deepEqual(operation(real.claim), real.claim, "a repeated operation changes nothing");
    expect(model);
    assert.deepEqual(real.claim, {
      fingerprints: model.payload === null ? [] : [model.payload],
      completion: model.answer === null ? null : completionOf(model.answer),
      sent: model.sent,
      cancelled: model.cancelled,
    });
    assert.ok(real.claim.completion || !real.claim.sent, "sent only with an answer");
  },
});

const name = fc.constantFrom("1", "2", "3");
const steps = [
  name.map((payload) =>
    command(
      `open ${payload}`,
      (real) => open(real, { fingerprints: [payload] }),
      (model) => {
        model.payload ??= payload;
      },
    ),
  ),
  name.map((id) =>
    command(
      `claim ${id}`,
      (real) => claim(real, { completion: completionOf(id) }),
      (model) => {
        model.answer ??= id;
      },
    ),
  ),
  fc.constant(
    command("sent", sent, (model) => {
      model.sent ||= model.answer !== null;
    }),
  ),
  fc.constant(
    command("cancel", cancel, (model) => {
      model.cancelled ||= model.answer === null;
    }),
  ),
  fc.constant(
    command("withdraw", withdraw, (model) => {
      model.cancelled &&= model.payload !== null;
    }),
  ),
];

test("any interleaving: the first payload and the first answer stay, and what is cancelled stays so once it has begun", () => {
  fc.assert(
    fc.property(fc.commands(steps, { maxCommands: 30, size: "max" }), (commands) => {
      fc.modelRun(() => ({ model: { payload: null, answer: null, sent: false, cancelled: false }, real: { claim: noClaim } }), commands);
    }),
    { numRuns: 500 },
  );
});
