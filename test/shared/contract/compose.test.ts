import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { CompletionData } from "../../../shared/contract/completion.ts";
import { completionEventSchema } from "../../../shared/contract/completion.ts";
import { composeCompletion } from "../../../shared/contract/compose.ts";
import type { Finding } from "../../../shared/contract/finding.ts";
import { minimalOf } from "../../../shared/contract/minimal.ts";
import { problem } from "../../../shared/contract/problem.ts";
import { rejectionOf } from "../../../shared/contract/rejection.ts";
import { anyCompletion } from "../../support/any-completion.ts";

const asked = {
  requestId: "r",
  requestSource: "/s",
  traceparent: null,
  ticket: null,
  receivedAt: "2026-01-01T00:00:00.000Z",
  replySessionId: null,
};
const now = new Date("2026-01-01T00:00:01.000Z");
const plain = rejectionOf("vpn-1.completed", asked, problem("InternalError", "m"), now).event.data;
const composed = (more: Partial<CompletionData>, about: object = {}) =>
  composeCompletion({
    id: "vpn-1.completed",
    target: null,
    traceparent: null,
    ticket: null,
    replySessionId: null,
    data: { ...plain, ...more },
    ...about,
  });
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

const findings = (count: number, severity: Finding["severity"] = "error"): Finding[] =>
  Array.from({ length: count }, (_, index) => ({ code: "X", severity, target: `/${index}`, message: "ä".repeat(50), actor: "requester" }));
const attempts = Array.from({ length: 5_000 }, () => ({
  at: asked.receivedAt,
  action: "get" as const,
  clientRequestId: "0".repeat(36),
  status: 503,
  code: "ServerTimeout",
  retryAfterSeconds: 10,
}));
const checked = { at: asked.receivedAt, action: "check", clientRequestId: "c", status: 200, code: null, retryAfterSeconds: null } as const;
const difference = (size: number) => ({
  target: "/t",
  change: "set" as const,
  before: "b".repeat(size),
  after: Array(40).fill("a".repeat(size)),
});
const arm = {
  status: 400,
  code: "X",
  message: "m",
  details: Array(50).fill("d".repeat(1_900)),
  innererror: Array(50).fill("i".repeat(1_900)),
};

test("an event is made to fit by leaving out attempts, findings, values, Azure's details and the resource, in this order", () => {
  const huge = { huge: "r".repeat(150_000) };
  const everything = {
    arm: { ...plain.arm, attempts },
    problem: problem("OperationFailed", "m", { details: findings(900), arm }),
    warnings: findings(400, "warning"),
    diff: Array(30).fill(difference(1_000)),
    resource: huge,
  };
  const rows: [Partial<CompletionData>, RegExp][] = [
    [{ arm: { ...plain.arm, attempts } }, /Left out: 4900 of 5000 attempts\.$/],
    [{ problem: problem("InvalidRequest", "m", { details: findings(5_000) }) }, /Left out: 4900 of 5000 findings\.$/],
    [{ warnings: findings(5_000, "warning") }, /Left out: 4900 of 5000 warnings\.$/],
    [{ diff: Array(30).fill(difference(1_000)) }, /Left out: the values of the differences\.$/],
    [
      { problem: problem("OperationFailed", "m", { arm }), resource: { huge: "r".repeat(100_000) } },
      /Left out: the details of Azure's error\.$/,
    ],
    [{ resource: { huge: "r".repeat(250_000) } }, /Left out: the resource\.$/],
    [
      everything,
      /5000 of 5000 attempts, 899 of 900 findings, 399 of 400 warnings, the values of the differences, the details of Azure's error\.$/,
    ],
  ];
  for (const [more, says] of rows) {
    const { event } = composed(more);
    const [first] = event.data.warnings;
    assert.equal(first?.code, "Truncated");
    assert.match(String(first?.message), says);
    assert.ok(bytesOf(event) <= 200_000, `${bytesOf(event)}`);
  }
  assert.deepEqual(composed({}).event.data, plain, "what fits is left as it is");
});

test("an event that is too large whatever is left out is the minimal one", () => {
  // A control character takes six bytes.
  const long = "\u0001".repeat(5_000);
  const finding: Finding = { code: long, severity: "error", target: long, message: long, source: long, actor: "requester" };
  const { event } = composed({
    problem: problem("OperationFailed", long, {
      target: long,
      details: [finding],
      arm: { ...arm, code: long, message: long, target: long },
    }),
    warnings: [{ ...finding, severity: "warning" }],
    diff: Array(60).fill({ target: long, change: "set", before: 1, after: 2 }),
    armState: long,
  });
  assert.ok(bytesOf(event) < 10_000);
  assert.deepEqual([event.data.problem?.code, event.data.diff], ["OperationFailed", null]);
  assert.match(event.data.warnings[0]?.message ?? "", /Left out: everything except the outcome and the problem's code\.$/);
});

test("a wide tree is cut as well as a deep one", () => {
  const wide = Array(40).fill(Array(40).fill(Array(40).fill("x")));
  const { event } = composed({ problem: problem("OperationFailed", "m", { arm: { ...arm, details: [], innererror: wide } }) });
  const kept = JSON.stringify(event.data.problem?.arm?.innererror);
  assert.ok(kept.length < 12_000, `${kept.length}`);
  assert.match(kept, /…/);
});

test("errors are kept before warnings", () => {
  const details = [...findings(3_000, "warning"), ...findings(1)];
  const kept = composed({ problem: problem("InvalidRequest", "m", { details }) }).event.data.problem?.details ?? [];
  assert.ok(kept.some(({ severity }) => severity === "error"));
});

test("single texts and deep trees are cut, and nothing else is lost for them", () => {
  const long = "ü".repeat(300_000);
  const deep = JSON.parse(`${"[".repeat(2_000)}1${"]".repeat(2_000)}`) as unknown;
  const { event } = composed({
    requestId: long,
    armState: long,
    problem: problem("OperationFailed", long, {
      target: long,
      details: [{ code: long, severity: "error", target: long, message: long, source: long, actor: "requester" }],
      arm: {
        status: 1,
        code: long,
        message: long,
        details: [deep, long],
        target: long,
        innererror: deep,
        additionalInfo: { [long]: long },
      },
    }),
    warnings: findings(3, "warning"),
    resource: { kept: true },
    arm: { ...plain.arm, attempts: [{ ...checked, remembered: { resourceId: long, ageSeconds: 5 } }] },
  });
  assert.deepEqual(event.data.resource, { kept: true });
  assert.match(event.data.arm.attempts[0]?.remembered?.resourceId ?? "", /^ü{511}…$/);
  assert.deepEqual(
    event.data.warnings.map(({ code }) => code),
    ["X", "X", "X"],
  );
  assert.match(event.data.problem?.message ?? "", /^ü{1999}…$/);
  assert.match(event.data.problem?.arm?.message ?? "", /^ü{3999}…$/);
  assert.match(JSON.stringify(event.data.problem?.arm?.innererror), /^\[{8}"…"\]{8}$/);
});

test("a text is not cut inside a character", () => {
  const { problem: told } = composed({ problem: problem("InternalError", "😀".repeat(1_500)) }).event.data;
  assert.ok(told?.message.isWellFormed());
});

test("only a trace context of the W3C's form is echoed", () => {
  const good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const rows = [
    good,
    "x".repeat(250_000),
    `${good}-`,
    good.toUpperCase(),
    `ff${good.slice(2)}`,
    `00-${"0".repeat(32)}${good.slice(35)}`,
    "",
  ];
  assert.deepEqual(
    rows.map((traceparent) => composed({}, { traceparent }).event.traceparent),
    [good, ...Array(6).fill(undefined)],
  );
});

test("a reply session that Service Bus does not take is ignored, with a warning", () => {
  const ignored = composed({}, { replySessionId: "s".repeat(129) });
  assert.equal(ignored.replySessionId, null);
  assert.deepEqual(
    ignored.event.data.warnings.map(({ code, target }) => [code, target]),
    [["ReplySessionIgnored", ""]],
  );
  assert.match(ignored.event.data.warnings[0]?.message ?? "", /at most 128 characters\. Found 129\./);
  const used = composed({}, { replySessionId: "s".repeat(128) });
  assert.deepEqual([used.replySessionId, used.event.data.warnings], ["s".repeat(128), []]);
});

test("the minimal answer keeps who asked and how it ended, follows from the whole one alone, and is an event of the contract", () => {
  const whole = composed({ problem: problem("OperationFailed", "secret story", { arm }), resource: { a: 1 } }, { ticket: '{"n":1}' });
  const minimal = minimalOf(whole);
  const { data, id } = minimal.event;
  assert.deepEqual(
    [id, data.requestId, data.outcome, data.problem?.code, data.resource],
    ["vpn-1.completed", "r", "Failed", "OperationFailed", null],
  );
  assert.doesNotMatch(JSON.stringify(minimal), /secret story/);
  assert.deepEqual(minimalOf(JSON.parse(JSON.stringify(whole))), minimal);
  assert.deepEqual(minimalOf(minimal).event.data.problem, data.problem);
  completionEventSchema.parse({ ...minimal.event, data: { ...data, ticket: null } });
});

test("whatever was sent, and whatever Azure said: the answer fits, and so does its minimal form", () => {
  fc.assert(
    fc.property(anyCompletion, (about) => {
      const completion = composeCompletion(about);
      assert.ok(bytesOf(completion.event) <= 200_000, `${bytesOf(completion.event)} bytes`);
      assert.ok(bytesOf(minimalOf(completion)) <= 10_000);
      assert.ok((completion.replySessionId?.length ?? 0) <= 128);
      assert.equal(completion.event.id, about.id);
      assert.equal(completion.event.data.outcome, about.data.outcome);
      assert.equal(completion.event.data.problem?.code, about.data.problem?.code);
    }),
    { numRuns: 100 },
  );
});
