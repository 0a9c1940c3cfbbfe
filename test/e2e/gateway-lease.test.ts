import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { requester, requestFor, said } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";

// One change at a time on a gateway, first come first served, and what becomes of the lease when
// its holder does not give it back in time. A minute of product time takes a second. Each test has
// its own gateway, and they run side by side.

let stack: Awaited<ReturnType<typeof startTestStack>>;
let ask: ReturnType<typeof requester>;
before(async () => {
  stack = await startTestStack({ speed: 60 });
  ask = requester(stack);
});
after(() => stack.stop());

const time = (text: string) => Date.parse(text);

describe("the lease of a gateway", { concurrency: true }, () => {
  test("who comes first is served first, one after the other; another gateway is not held up", async () => {
    const names = ["first", "second", "third", "fourth"] as const;
    const [holder, ...waiters] = names.map((name) => requestFor(1, name));
    assert.ok(holder);
    await ask.takes("first", 600);
    for (const name of names.slice(1)) await ask.takes(name, 45);
    await ask.send(holder);
    await ask.reaches(holder, "submitted");
    for (const [index, waiter] of waiters.entries()) {
      await ask.send(waiter);
      await ask.shows(waiter, { step: "waiting", position: index + 1 });
    }
    const elsewhere = requestFor(2, "elsewhere");
    await ask.send(elsewhere);

    const ends = await Promise.all([holder, ...waiters].map((request) => ask.answerTo(request)));
    assert.deepEqual(ends.map(said), Array(4).fill(["Succeeded", null]));
    const puts = await Promise.all(names.map((name) => ask.onlyPutOf(name)));
    for (const [index, put] of puts.slice(1).entries()) {
      const taken = index === 0 ? 600 : 45;
      const before = puts[index]?.at ?? Number.NaN;
      assert.ok(put.at >= before + taken * 1000, `${names[index + 1]} was put ${(put.at - before) / 1000} s after ${names[index]}`);
    }
    const other = await ask.answerTo(elsewhere);
    assert.deepEqual(said(other), ["Succeeded", null]);
    assert.ok(time(other.body.data.timing.completedAt) < time(ends[0]?.body.data.timing.provisionedAt), "it ended while the first ran");
  });

  test("a holder that is terminated is answered as Interrupted; the next one gets the lease, and writes when Azure has finished", async () => {
    const [terminated, next] = [requestFor(3, "terminated"), requestFor(3, "next")];
    await ask.takes("terminated", 420);
    await ask.send(terminated);
    await ask.reaches(terminated, "submitted");
    await ask.send(next);
    await ask.shows(next, { step: "waiting", position: 1 });
    await ask.terminate(terminated);

    const answer = await ask.answerTo(terminated);
    assert.deepEqual(said(answer), ["Failed", "Interrupted"]);
    assert.equal(answer.body.data.armState, "Unknown");
    assert.equal(answer.messageId, `${ask.idOf(terminated)}.completed`);
    assert.deepEqual(answer.body.data.ticket, terminated.data.ticket);
    assert.deepEqual(said(await ask.answerTo(next)), ["Succeeded", null]);
    const [left, put] = [await ask.onlyPutOf("terminated"), await ask.onlyPutOf("next")];
    assert.ok(put.at >= left.at + 420_000, `it was put ${(put.at - left.at) / 1000} s after the one that was left`);
    assert.equal(ask.answersTo(terminated).length, 1);
  });

  test("a holder that is terminated while it reads, before its PUT, writes nothing, however late the read is answered", async () => {
    const [terminated, next] = [requestFor(6, "terminated-early"), requestFor(6, "after-terminated-early")];
    await stack.azure("POST", "/local/faults", { connection: "terminated-early", on: "get", delaySeconds: 300 });
    await ask.send(terminated);
    await ask.shows(terminated, { step: "leaseGranted" });
    await ask.send(next);
    await ask.terminate(terminated);
    assert.deepEqual(said(await ask.answerTo(terminated)), ["Failed", "Interrupted"]);
    assert.deepEqual(said(await ask.answerTo(next)), ["Succeeded", null]);
    await ask.reaches(terminated, "abandoned");
    assert.deepEqual(await ask.putsOf("terminated-early"), []);
  });

  test("a request that is terminated in the queue is answered, and nobody behind it waits for it", async () => {
    const [holder, terminated, behind] = [requestFor(4, "ahead"), requestFor(4, "in-the-queue"), requestFor(4, "behind")];
    await ask.takes("ahead", 600);
    await ask.send(holder);
    await ask.reaches(holder, "submitted");
    for (const [index, request] of [terminated, behind].entries()) {
      await ask.send(request);
      await ask.shows(request, { position: index + 1 });
    }
    await ask.terminate(terminated);
    const answer = await ask.answerTo(terminated);
    assert.deepEqual(said(answer), ["Failed", "Interrupted"]);
    assert.equal(answer.body.data.armState, null, "Azure was not asked for anything");
    assert.deepEqual(said(await ask.answerTo(behind)), ["Succeeded", null]);
    assert.deepEqual(await ask.putsOf("in-the-queue"), []);
  });

  test("a deadline that passes while Azure works is told at once, and the gateway is kept until Azure has finished", async () => {
    const [late, next, impatient] = [
      requestFor(5, "late", { deadlineMinutes: 5 }),
      requestFor(5, "after-late"),
      requestFor(5, "impatient", { queueDeadlineMinutes: 2 }),
    ];
    await ask.takes("late", 720);
    for (const [index, request] of [late, impatient, next].entries()) {
      await ask.send(request);
      await (index === 0 ? ask.reaches(request, "submitted") : ask.shows(request, { step: "waiting" }));
    }

    const gaveUp = await ask.answerTo(impatient);
    assert.deepEqual(said(gaveUp), ["Failed", "QueueDeadlineExceeded"]);
    assert.equal(gaveUp.body.data.timing.leaseGrantedAt, null);

    const answer = await ask.answerTo(late);
    assert.deepEqual(said(answer), ["Failed", "OperationDeadlineExceeded"]);
    assert.equal(answer.body.data.armState, "Updating");
    assert.match(answer.body.data.problem.message, /may still succeed or fail/);
    const put = await ask.onlyPutOf("late");
    for (const { body } of [gaveUp, answer])
      assert.ok(time(body.data.timing.completedAt) < put.at + 720_000, "it is told when the limit passes, not when Azure has finished");

    assert.deepEqual(said(await ask.answerTo(next)), ["Succeeded", null]);
    const after = await ask.onlyPutOf("after-late");
    assert.ok(after.at >= put.at + 720_000, `the next one was put ${(after.at - put.at) / 1000} s later`);
    assert.deepEqual(await ask.putsOf("impatient"), []);
    assert.equal(ask.answersTo(late).length, 1, "its end in Azure is no second answer");
  });
});

test("Azure never had to refuse a PUT because another operation was running", async () => {
  assert.deepEqual(
    (await stack.seen()).filter(({ status }) => status === 409),
    [],
  );
});
