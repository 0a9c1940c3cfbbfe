import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { requester, requestFor, said } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";

// A rough host is killed in the middle of ten requests. What it had taken is hidden for five
// minutes of product time, and then goes on.

const REQUESTS = 10;
const BOUND_MS = 120_000;

function requestOf(index: number) {
  return requestFor((index % 5) + 1, `killed${index}`);
}

for (const step of ["validated", "submitted", "verified"]) {
  test(`killed when the first request is ${step}: nothing is lost, and each has one effective PUT and one event id`, async (t) => {
    // A minute takes a second.
    const stack = await startTestStack({ speed: 60, rough: 1 });
    t.after(() => stack.stop());
    const ask = requester(stack);
    const requests = Array.from({ length: REQUESTS }, (_, index) => requestOf(index));
    for (const request of requests) await ask.send(request);
    await eventually(`a request is ${step}`, () => stack.steps.some((seen) => seen.step === step));
    const pid = stack.stack.hostPid();
    process.kill(pid, "SIGKILL");
    await eventually("the host is back", () => stack.stack.hostPid() !== pid);

    for (const [index, request] of requests.entries()) {
      assert.deepEqual(said(await ask.answerTo(request, BOUND_MS)), ["Succeeded", null]);
      const effective = (await ask.putsOf(`killed${index}`)).filter(({ status }) => status !== null && status < 300);
      assert.equal(effective.length, 1, `effective PUTs of killed${index}`);
      assert.equal(new Set(ask.answersTo(request).map(({ body }) => body.id)).size, 1, "one event id");
    }
  });
}
