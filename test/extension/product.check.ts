import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startDevStack } from "../support/dev-stack.ts";
import { requestFor, said } from "../support/requester.ts";

// The product on the Durable Task extension, from a message to its event. All scenarios run at once on
// one stack, each with a gateway of its own. Those that end processes are in kill.check.ts.

const BOUND_MS = 60_000;

describe("the product on the Durable Task extension", { concurrency: true }, () => {
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
});
