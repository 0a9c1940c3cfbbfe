import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Completion } from "../../../shared/contract/completion.ts";
import { type Claim, claimOperations, claimViewOf, comparePayloads, isSamePayload, noClaim } from "../../../shared/durable/claim.ts";

const { open, claim, sent, cancel, withdraw, noteStuck, noteSubmission } = claimOperations;
const completionOf = (id: string) => ({ event: { id }, ticket: null, replySessionId: null }) as unknown as Completion;
const first = completionOf("first");
const opened = open(noClaim, { fingerprints: ["k1.a", "k0.b"] });

test("a second payload does not replace the first one", () => {
  assert.deepEqual(opened, { fingerprints: ["k1.a", "k0.b"], completion: null, sent: false, cancelled: false });
  assert.equal(open(opened, { fingerprints: ["k1.other"] }), opened);
});

test("a second completion does not replace the first one, and only a claimed one can be sent", () => {
  assert.equal(sent(opened), opened, "nothing to send yet");
  const claimed = claim(opened, { completion: first });
  assert.equal(claimed.completion, first);
  assert.equal(claim(claimed, { completion: completionOf("second") }), claimed);
  assert.deepEqual(sent(claimed), { ...claimed, sent: true });
});

test("the note of a PUT is kept until the completion, and no operation returns it", () => {
  const note = { attempt: 2, before: { existed: true, etag: "e" } };
  const noted = noteSubmission(noteSubmission(opened, { ...note, attempt: 1 }), note);
  assert.deepEqual(noted, { ...opened, submission: note });
  assert.deepEqual(claimViewOf(noted, noted, "cancel"), opened);
  const claimed = claim(noted, { completion: first });
  assert.deepEqual(claimed, { ...opened, completion: first });
  assert.equal(noteSubmission(claimed, note), claimed);
});

test("a cancellation is noted before the request and while it runs, but not after its completion", () => {
  assert.equal(cancel(noClaim).cancelled, true);
  assert.deepEqual(open(cancel(noClaim), { fingerprints: ["k1.a"] }), { ...cancel(noClaim), fingerprints: ["k1.a"] });
  assert.equal(cancel(opened).cancelled, true);
  const claimed = claim(opened, { completion: first });
  assert.equal(cancel(claimed), claimed);
});

test("a cancellation can be withdrawn only before the request arrives, and the claim is then empty", () => {
  assert.deepEqual(withdraw(cancel(noClaim)), noClaim);
  assert.equal(withdraw(cancel(opened)).cancelled, true);
});

test("each time at which an instance was stuck is noted once, and no operation returns it", () => {
  const [one, two] = ["2026-01-01T00:00:00.000Z", "2026-01-01T00:02:00.000Z"];
  const noted = noteStuck(noteStuck(noteStuck(opened, { at: one }), { at: one }), { at: two });
  assert.deepEqual(noted, { ...opened, stuckAt: [one, two] });
  assert.deepEqual(claimViewOf(noted, opened, "cancel"), opened);
});

test("claim returns a completion only if another one was claimed before", () => {
  const claimed = claim(opened, { completion: first });
  assert.equal(claimViewOf(claimed, opened, "claim").completion, null);
  assert.equal(claimViewOf(claimed, claimed, "claim").completion, first);
  assert.equal(claimViewOf(claimed, claimed, "open").completion, first);
});

test("a completion opens a claim that nobody has opened, and never changes the payload of another", () => {
  const other = ["k1.other"];
  assert.deepEqual(claim(noClaim, { completion: first, fingerprints: other }), { ...noClaim, fingerprints: other, completion: first });
  assert.deepEqual(claim(opened, { completion: first, fingerprints: other }).fingerprints, opened.fingerprints);
});

test("payloads are the same if they share a fingerprint of any sealing key", () => {
  assert.ok(isSamePayload(["k2.x", "k1.a"], ["k1.a", "k0.y"]));
  assert.ok(!isSamePayload(["k2.a", "k1.x"], ["k1.a", "k2.x"]), "fingerprints of different keys are different");
  assert.ok(!isSamePayload([], []), "an empty list is no payload");
});

/** The expected claim, kept in another way. */
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

test("in any order of operations the first payload and completion stay, and a begun request stays cancelled", () => {
  fc.assert(
    fc.property(fc.commands(steps, { maxCommands: 30, size: "max" }), (commands) => {
      fc.modelRun(() => ({ model: { payload: null, answer: null, sent: false, cancelled: false }, real: { claim: noClaim } }), commands);
    }),
    { numRuns: 500 },
  );
});

test("a completion opens a claim that nobody has opened, and never changes the payload of another", () => {
  const other = ["k1.other"];
  assert.deepEqual(claim(noClaim, { completion: first, fingerprints: other }), { ...noClaim, fingerprints: other, completion: first });
  assert.deepEqual(claim(opened, { completion: first, fingerprints: other }).fingerprints, opened.fingerprints);
});

test("payloads are the same, different, or not to be compared because no sealing key made both fingerprints", () => {
  const cases: readonly (readonly [string[], string[], boolean | undefined])[] = [
    [["k1.a", "k2.b"], ["k2.b", "k3.c"], true],
    [["k1.a"], ["k2.b", "k1.a"], true],
    [["k1.a"], ["k1.b"], false],
    [["k1.a", "k2.b"], ["k2.c"], false],
    [["k1.a"], ["k2.a"], undefined],
    [["vpn-1.unreadable.a"], ["vpn-1.unreadable.b"], false],
  ];
  for (const [one, other, expected] of cases) assert.equal(comparePayloads(one, other), expected);
});
