import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startDevStack } from "../support/dev-stack.ts";
import { requestFor, said } from "../support/requester.ts";

// The product on the Durable Task extension, from a message to its event. Nothing ends here but the
// stack at the end: kills are in kill.check.ts.

const BOUND_MS = 60_000;
let stack: Awaited<ReturnType<typeof startDevStack>>;
before(async () => {
  stack = await startDevStack();
});
after(() => stack?.stop());

test("the reference's sample is provisioned with one PUT", async () => {
  const request = requestFor(1, "sample");
  await stack.ask.send(request);
  assert.deepEqual(said(await stack.ask.answerTo(request, BOUND_MS)), ["Succeeded", null]);
  await stack.ask.onlyPutOf("sample");
});
