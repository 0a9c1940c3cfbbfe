import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { cancellationOf, requester, requestFor, said } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";

// Cancellations are messages like requests, and are answered like them, each under its own id. A
// minute of product time takes a second; each test has its own gateway, and they run side by
// side.

let stack: Awaited<ReturnType<typeof startTestStack>>;
let ask: ReturnType<typeof requester>;
before(async () => {
  stack = await startTestStack({ speed: 60 });
  ask = requester(stack);
});
after(() => stack.stop());

describe("a cancellation", { concurrency: true }, () => {
  test("of a request that nobody knows is rejected after five minutes", async () => {
    const cancellation = cancellationOf({ id: randomUUID(), source: "/tests" });
    await ask.send(cancellation);
    const answer = await ask.answerTo(cancellation);
    assert.deepEqual(said(answer), ["Rejected", "RequestUnknown"]);
    assert.equal(answer.messageId, `${ask.idOf(cancellation)}.completed`);
    const { receivedAt, completedAt } = answer.body.data.timing;
    assert.ok(Date.parse(completedAt) - Date.parse(receivedAt) >= 300_000, "it may have overtaken its request");
  });

  test("of a request that has its answer is rejected", async () => {
    const request = requestFor(1, "finished");
    await ask.send(request);
    await ask.answerTo(request);
    const cancellation = cancellationOf(request);
    await ask.send(cancellation);
    const answer = await ask.answerTo(cancellation);
    assert.deepEqual(said(answer), ["Rejected", "RequestFinished"]);
    assert.match(answer.body.data.problem.message, /Succeeded/);
    assert.equal(ask.answersTo(request).length, 1);
  });

  test("of a request that waits ends it before Azure is asked, and nobody behind it waits for it", async () => {
    const [holder, waiting, behind] = [requestFor(2, "holder"), requestFor(2, "waiting"), requestFor(2, "behind")];
    await ask.takes("holder", 600);
    await ask.send(holder);
    await ask.reaches(holder, "submitted");
    for (const [index, request] of [waiting, behind].entries()) {
      await ask.send(request);
      await ask.shows(request, { step: "waiting", position: index + 1 });
    }
    const cancellation = cancellationOf(waiting);
    await ask.send(cancellation);
    const answer = await ask.answerTo(waiting);
    assert.deepEqual(said(answer), ["Cancelled", "RequestCancelled"]);
    assert.equal(answer.body.data.armState, null);
    assert.deepEqual(said(await ask.answerTo(cancellation)), ["Succeeded", null]);
    assert.equal(ask.answersTo(holder).length, 0, "it did not have to wait for its turn");
    assert.deepEqual(said(await ask.answerTo(behind)), ["Succeeded", null]);
    assert.deepEqual(await ask.putsOf("waiting"), []);
  });

  test("of a request that Azure works on is told at once, with Azure's state; the gateway is kept until Azure has finished", async () => {
    const [submitted, next] = [requestFor(3, "submitted"), requestFor(3, "next")];
    await ask.takes("submitted", 600);
    await ask.send(submitted);
    await ask.reaches(submitted, "polled");
    const cancellation = cancellationOf(submitted);
    await ask.send(cancellation);
    const answer = await ask.answerTo(submitted);
    assert.deepEqual(said(answer), ["Cancelled", "RequestCancelled"]);
    assert.equal(answer.body.data.armState, "Updating");
    assert.match(answer.body.data.problem.message, /may still succeed or fail/);
    assert.deepEqual(said(await ask.answerTo(cancellation)), ["Succeeded", null]);
    await ask.send(next);
    assert.deepEqual(said(await ask.answerTo(next)), ["Succeeded", null]);
    const [first, second] = [await ask.onlyPutOf("submitted"), await ask.onlyPutOf("next")];
    assert.ok(Date.parse(answer.body.data.timing.completedAt) < first.at + 600_000, "the answer did not wait for Azure");
    assert.ok(second.at >= first.at + 600_000, `the next one was put ${(second.at - first.at) / 1000} s later`);
    assert.equal(ask.answersTo(submitted).length, 1);
  });

  test("that overtakes its request ends it before it begins", async () => {
    const request = requestFor(4, "overtaken");
    const cancellation = cancellationOf(request);
    await ask.send(cancellation);
    await ask.shows(cancellation, {});
    await ask.send(request);
    assert.deepEqual(said(await ask.answerTo(request)), ["Cancelled", "RequestCancelled"]);
    assert.deepEqual(said(await ask.answerTo(cancellation)), ["Succeeded", null]);
    assert.deepEqual(await ask.putsOf("overtaken"), []);
  });

  test("that is repeated gets its answer again; another one of the same request succeeds too", async () => {
    const request = requestFor(5, "twice");
    await ask.takes("twice", 600);
    await ask.send(request);
    await ask.reaches(request, "submitted");
    const cancellation = cancellationOf(request);
    await ask.send(cancellation);
    const first = await ask.answerTo(cancellation);
    assert.deepEqual(said(first), ["Succeeded", null]);
    await ask.send(cancellation);
    const again = await eventually("the answer again", () => ask.answersTo(cancellation)[1]);
    assert.match(String(again.messageId), new RegExp(`^${first.messageId}\\.r\\d+$`));
    assert.deepEqual(again.body, first.body);
    const another = cancellationOf(request);
    await ask.send(another);
    assert.deepEqual(said(await ask.answerTo(another)), ["Succeeded", null]);
    assert.equal(ask.answersTo(request).length, 1);
  });

  test("that names no request is rejected with its findings", async () => {
    const cancellation = { ...cancellationOf({ id: "x", source: "/tests" }), data: { requestId: "", reason: "I said so" } };
    await ask.send(cancellation);
    const answer = await ask.answerTo(cancellation);
    assert.deepEqual(said(answer), ["Rejected", "InvalidRequest"]);
    assert.deepEqual(
      answer.body.data.problem.details.map(({ target }: { target: string }) => target),
      ["/data/reason", "/data/requestId", "/data/requestSource"],
    );
  });
});
