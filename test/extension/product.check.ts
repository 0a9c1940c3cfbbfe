import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { startDevStack } from "../support/dev-stack.ts";
import { eventually } from "../support/eventually.ts";
import { marksIn, newMark } from "../support/marks.ts";
import { cancellationOf, requestFor, type SampleEvent, said } from "../support/requester.ts";
import { readWholeStore } from "../support/store-search.ts";

// The product on the Durable Task extension, from a message to its event, in real time. All
// scenarios run at once on one stack, each with its own gateway. Those that end processes are
// in kill.check.ts, and the one that takes minutes in deadline.long.ts. Bursts of messages are in
// bursts.check.ts.

const BOUND_MS = 90_000;
/** The sweep for interrupted requests comes every two minutes. */
const SWEEP_BOUND_MS = 300_000;

describe("the product on the Durable Task extension", { concurrency: true }, () => {
  let stack: Awaited<ReturnType<typeof startDevStack>>;
  before(async () => {
    stack = await startDevStack();
  });
  after(() => stack?.stop());

  const answerTo = (request: { id: string }, boundMs = BOUND_MS) => stack.ask.answerTo(request, boundMs);
  const answered = async (request: SampleEvent) => {
    await stack.ask.send(request);
    return (await answerTo(request)).body.data;
  };
  const linkOf = (request: SampleEvent) => request.data.connection.properties.vpnLinkConnections[0]?.properties ?? {};

  test("the reference's sample is provisioned with one PUT", async () => {
    const request = requestFor(1, "sample");
    await stack.ask.send(request);
    assert.deepEqual(said(await answerTo(request)), ["Succeeded", null]);
    await stack.ask.onlyPutOf("sample");
  });

  test("a plan writes nothing; the same connection again is Unchanged", async () => {
    const planOf = (change: object = {}) => {
      const request = requestFor(2, "planned", { mode: "plan" });
      Object.assign(linkOf(request), change);
      return request;
    };
    const planned = await answered(planOf());
    assert.deepEqual([planned.outcome, planned.change, planned.resource], ["Planned", "Created", null]);
    assert.deepEqual(await stack.ask.putsOf("planned"), []);
    const made = await answered(requestFor(2, "planned"));
    assert.deepEqual([made.outcome, made.change], ["Succeeded", "Created"]);
    const slower = await answered(planOf({ connectionBandwidth: 50 }));
    assert.deepEqual(
      [slower.outcome, slower.change, slower.diff.map(({ before, after: then }: { before: unknown; after: unknown }) => [before, then])],
      ["Planned", "Updated", [[200, 50]]],
    );
    const again = await answered(requestFor(2, "planned"));
    assert.deepEqual([again.outcome, again.change, again.diff], ["Succeeded", "Unchanged", null]);
    await stack.ask.onlyPutOf("planned");
  });

  test("cancelled while it waits, and while Azure works: told at once; the gateway is kept until Azure has finished", async () => {
    const [holder, waiting, behind] = [requestFor(3, "holder"), requestFor(3, "waiting"), requestFor(3, "behind")];
    await stack.ask.takes("holder", 45, 5);
    await stack.ask.send(holder);
    await stack.ask.reaches(holder, "submitted", BOUND_MS);
    for (const [index, request] of [waiting, behind].entries()) {
      await stack.ask.send(request);
      await stack.ask.shows(request, { step: "waiting", position: index + 1 }, BOUND_MS);
    }
    for (const [request, armState] of [
      [waiting, null],
      [holder, "Updating"],
    ] as const) {
      const cancellation = cancellationOf(request);
      await stack.ask.send(cancellation);
      const answer = await answerTo(request);
      assert.deepEqual([...said(answer), answer.body.data.armState], ["Cancelled", "RequestCancelled", armState]);
      assert.deepEqual(said(await answerTo(cancellation)), ["Succeeded", null]);
    }
    assert.deepEqual(said(await answerTo(behind)), ["Succeeded", null]);
    assert.deepEqual(await stack.ask.putsOf("waiting"), []);
    const [first, second] = [await stack.ask.onlyPutOf("holder"), await stack.ask.onlyPutOf("behind")];
    assert.ok(second.at >= first.at + 45_000, `the next one was put ${(second.at - first.at) / 1000} s later`);
    assert.equal(stack.ask.answersTo(holder).length, 1);
  });

  test("a queue deadline of one minute: told without a PUT, and the next one gets the gateway", async () => {
    const [holder, impatient, next] = [
      requestFor(4, "long"),
      requestFor(4, "impatient", { queueDeadlineMinutes: 1 }),
      requestFor(4, "patient"),
    ];
    await stack.ask.takes("long", 100, 5);
    for (const [index, request] of [holder, impatient, next].entries()) {
      await stack.ask.send(request);
      await (index === 0 ? stack.ask.reaches(request, "submitted", BOUND_MS) : stack.ask.shows(request, { step: "waiting" }, BOUND_MS));
    }
    const gaveUp = await answerTo(impatient);
    assert.deepEqual(said(gaveUp), ["Failed", "QueueDeadlineExceeded"]);
    const { startedAt, completedAt, leaseGrantedAt } = gaveUp.body.data.timing;
    assert.equal(leaseGrantedAt, null);
    assert.ok(Date.parse(completedAt) - Date.parse(startedAt) >= 59_000, `it waited from ${startedAt} to ${completedAt}`);
    assert.equal(stack.ask.answersTo(holder).length, 0, "it is told while the holder runs");
    for (const request of [holder, next]) assert.deepEqual(said(await answerTo(request, SWEEP_BOUND_MS)), ["Succeeded", null]);
    assert.deepEqual(await stack.ask.putsOf("impatient"), []);
  });

  test("an unreadable message is answered under its message id and kept; an invalid one is answered with its places", async () => {
    const messageId = randomUUID();
    const body = Buffer.from('{"specversion": "1.0", ');
    await stack.send({ body, messageId });
    assert.deepEqual(said(await answerTo({ id: messageId })), ["Rejected", "UnreadableMessage"]);
    const kept = await eventually("its copy in quarantine", async () =>
      (await stack.quarantined()).find((message) => message.messageId === messageId),
    );
    assert.deepEqual(Buffer.from(kept.body), body);
    const { outcome, problem } = await answered(requestFor(5, "invalid", { priority: 1 }));
    assert.deepEqual([outcome, problem.code], ["Rejected", "InvalidRequest"]);
    assert.ok(problem.details.some(({ target, code }: Record<string, string>) => target === "/data/priority" && code === "UnknownField"));
    assert.deepEqual(await stack.ask.putsOf("invalid"), []);
  });

  test("the same request again has the same answer; another payload under its id is a conflict", async () => {
    const request = requestFor(6, "repeated");
    request.data.ticket = { opened: "2026-01-01T00:00:00+02:00", number: "0012", at: "2026-11-28T14:01:43.100Z" };
    await stack.ask.send(request);
    const first = await answerTo(request);
    assert.deepEqual(said(first), ["Succeeded", null]);
    await stack.ask.send(request);
    const again = await eventually("the answer again", () => stack.ask.answersTo(request)[1], BOUND_MS);
    assert.deepEqual(again.body, first.body);
    assert.match(String(again.messageId), new RegExp(`^${first.messageId}\\.r\\d+$`));
    await stack.ask.send({ ...request, data: { ...request.data, deadlineMinutes: 30 } });
    const other = await eventually("the refusal", () => stack.ask.answersTo(request)[2], BOUND_MS);
    assert.deepEqual(said(other), ["Rejected", "RequestIdConflict"]);
    assert.notEqual(other.body.id, first.body.id);
    await stack.ask.onlyPutOf("repeated");
  });

  test("three requests for one gateway: in order, and never two at once", async () => {
    const names = ["first", "second", "third"];
    const requests = names.map((name) => requestFor(7, name));
    await stack.ask.takes("first", 30, 5);
    for (const name of names.slice(1)) await stack.ask.takes(name, 5, 2);
    for (const [index, request] of requests.entries()) {
      await stack.ask.send(request);
      await (index === 0
        ? stack.ask.reaches(request, "submitted", BOUND_MS)
        : stack.ask.shows(request, { step: "waiting", position: index }, BOUND_MS));
    }
    for (const request of requests) assert.deepEqual(said(await answerTo(request)), ["Succeeded", null]);
    const puts = await Promise.all(names.map((name) => stack.ask.onlyPutOf(name)));
    for (const [index, { at }] of puts.slice(1).entries()) {
      const endsAt = puts[index]?.operation?.endsAt ?? Number.NaN;
      assert.ok(at >= endsAt, `${names[index + 1]} was put at ${at}, before ${endsAt}`);
    }
  });

  test("an operation that fails is told, after a PUT that was throttled and a poll that broke off", async () => {
    const error = { code: "InternalServerError", message: "An error occurred.", details: [] };
    const throttled = { status: 429, headers: { "retry-after": "3" }, body: { error: { code: "TooManyRequests", message: "Wait." } } };
    await stack.azure("POST", "/local/faults", [
      { connection: "fails", on: "put", respond: throttled },
      { connection: "fails", on: "put", operation: { end: "Failed", error } },
      { connection: "fails", on: "poll", reset: "during" },
    ]);
    const { outcome, problem } = await answered(requestFor(8, "fails"));
    assert.deepEqual([outcome, problem.code], ["Failed", "OperationFailed"]);
    assert.match(JSON.stringify(problem), /An error occurred\./);
    const puts = (await stack.ask.putsOf("fails")).map(({ status }) => status);
    assert.deepEqual(puts, [429, 201]);
  });

  test("an instance that an operator terminates is answered Interrupted; the next one waits until Azure has finished", async () => {
    const [terminated, next] = [requestFor(9, "terminated"), requestFor(9, "after-terminated")];
    await stack.ask.takes("terminated", 60, 5);
    await stack.ask.send(terminated);
    await stack.ask.reaches(terminated, "submitted", BOUND_MS);
    await stack.ask.send(next);
    await stack.ask.shows(next, { step: "waiting", position: 1 }, BOUND_MS);
    await stack.ask.terminate(terminated);
    const answer = await answerTo(terminated, SWEEP_BOUND_MS);
    assert.deepEqual([...said(answer), answer.body.data.armState], ["Failed", "Interrupted", "Unknown"]);
    assert.deepEqual(answer.body.data.ticket, terminated.data.ticket);
    assert.deepEqual(said(await answerTo(next, SWEEP_BOUND_MS)), ["Succeeded", null]);
    const [left, put] = [await stack.ask.onlyPutOf("terminated"), await stack.ask.onlyPutOf("after-terminated")];
    assert.ok(put.at >= left.at + 60_000, `it was put ${(put.at - left.at) / 1000} s after the one that was left`);
    assert.equal(stack.ask.answersTo(terminated).length, 1);
  });

  test("keys, inline, of a vault, quoted by Azure and in a request that is kept as a blob, are nowhere in the store", async () => {
    const key = { inline: newMark(), vault: newMark(), quoted: newMark(), large: newMark() };
    const seenBy = { inline: newMark(), large: newMark() };
    const requests = Object.fromEntries(Object.keys(key).map((what, index) => [what, requestFor(10 + index, `key-${what}`)])) as Record<
      keyof typeof key,
      SampleEvent
    >;
    for (const [what, request] of Object.entries(requests)) Object.assign(linkOf(request), { sharedKey: key[what as keyof typeof key] });
    const { inline, vault, quoted, large } = requests;
    Object.assign(linkOf(vault), { sharedKey: { keyVaultSecretUri: await stack.addSecret("vpn-branch", key.vault) } });
    inline.data.ticket = { note: seenBy.inline };
    large.data.ticket = { note: seenBy.large };
    // More than 60 KB: the extension compresses it and keeps it as a blob.
    const ranges = Array.from({ length: 64 }, (_, index) => `10.${index}.0.0/24`);
    const selectors = Array.from({ length: 64 }, () => ({ localAddressRanges: ranges, remoteAddressRanges: ["10.200.0.0/16"] }));
    Object.assign(large.data.connection.properties, { trafficSelectorPolicies: selectors });
    Object.assign(linkOf(large), { usePolicyBasedTrafficSelectors: true });
    assert.ok(JSON.stringify(large).length > 60_000);
    const error = {
      code: `Bad${key.quoted}`,
      message: `The key ${key.quoted} is bad.`,
      details: [{ message: JSON.stringify(key.quoted) }],
    };
    await stack.azure("POST", "/local/faults", [
      ...["key-inline", "key-vault", "key-large"].flatMap((connection) =>
        ["put", "get"].map((on) => ({ connection, on, times: "always", echoSharedKey: true })),
      ),
      { connection: "key-quoted", on: "put", operation: { end: "Failed", error } },
    ]);
    await Promise.all(Object.values(requests).map((request) => stack.ask.send(request)));
    for (const request of [inline, vault, large]) assert.deepEqual(said(await answerTo(request)), ["Succeeded", null]);
    assert.deepEqual(said(await answerTo(quoted)), ["Failed", "OperationFailed"]);

    const keys = Object.values(key);
    assert.deepEqual(marksIn(JSON.stringify((await stack.seen()).map(({ body }) => body)), keys), keys, "Azure got them");
    const store = readWholeStore(stack.dataDirectory);
    assert.deepEqual(marksIn(store, [seenBy.inline, seenBy.large]), [seenBy.inline, seenBy.large], "the search finds what is there");
    assert.deepEqual(marksIn(store, keys), []);
    const instances = await Promise.all(
      Object.values(requests).map(async (request) =>
        (await stack.manage(`instances/${stack.ask.idOf(request)}?showHistory=true&showHistoryOutput=true`)).text(),
      ),
    );
    const told = stack.received.map(({ body, applicationProperties }) => JSON.stringify([body, applicationProperties]));
    assert.deepEqual(marksIn([...instances, ...told, ...stack.lines].join("\n"), keys), []);
  });
});
