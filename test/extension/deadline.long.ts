import assert from "node:assert/strict";
import { test } from "node:test";
import { startDevStack } from "../support/dev-stack.ts";
import { requestFor, said } from "../support/requester.ts";

// Takes seven minutes, because no deadline is shorter than five:
// `npm run test:extension -- --long`.

const BOUND_MS = 600_000;

test("a deadline that passes while Azure works is told at once, and the gateway is kept until Azure has finished", async () => {
  const stack = await startDevStack();
  try {
    const [late, next] = [requestFor(1, "late", { deadlineMinutes: 5 }), requestFor(1, "after-late")];
    await stack.ask.takes("late", 360, 10);
    await stack.ask.send(late);
    await stack.ask.reaches(late, "submitted", BOUND_MS);
    await stack.ask.send(next);
    const answer = await stack.ask.answerTo(late, BOUND_MS);
    assert.deepEqual([...said(answer), answer.body.data.armState], ["Failed", "OperationDeadlineExceeded", "Updating"]);
    assert.deepEqual(said(await stack.ask.answerTo(next, BOUND_MS)), ["Succeeded", null]);
    const [first, second] = [await stack.ask.onlyPutOf("late"), await stack.ask.onlyPutOf("after-late")];
    assert.ok(Date.parse(answer.body.data.timing.completedAt) < first.at + 360_000, "the answer did not wait for Azure");
    assert.ok(second.at >= first.at + 360_000, `the next one was put ${(second.at - first.at) / 1000} s later`);
    assert.equal(stack.ask.answersTo(late).length, 1);
  } finally {
    await stack.stop();
  }
});
