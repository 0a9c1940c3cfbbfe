import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { buildVariant } from "../chaos/variants/build.ts";
import { requester, requestFor, said } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";

// A request whose validation kills the host each time it runs, in real processes. Five minutes of
// product time take a second.

let stack: Awaited<ReturnType<typeof startTestStack>>;
let ask: ReturnType<typeof requester>;
let deaths = 0;
before(async () => {
  const onHost = (what: string) => {
    if (what === "died") deaths++;
  };
  const settings = { STACK_EPOCH: String(Date.now()), STACK_SPEED: "300" };
  stack = await startTestStack({ app: await buildVariant("killing-activity"), speed: 300, settings, onHost });
  ask = requester(stack);
});
after(() => stack.stop());

test("a request that kills its host is answered as Interrupted, and others beside it are served", async () => {
  const killer = { ...requestFor(1, "killer"), id: `killer-${randomUUID()}` };
  await ask.send(killer);
  const beside = [2, 3, 4].map((gateway) => requestFor(gateway, `beside-${gateway}`));
  for (const request of beside) await ask.send(request);
  for (const request of beside) assert.deepEqual(said(await ask.answerTo(request, 120_000)), ["Succeeded", null]);

  const answer = await ask.answerTo(killer, 120_000);
  assert.deepEqual(said(answer), ["Failed", "Interrupted"]);
  assert.equal(answer.body.data.armState, null, "Azure was not asked for anything");
  assert.ok(deaths >= 3, `the host died ${deaths} times`);

  // It is over: the host lives, and serves.
  const died = deaths;
  const later = requestFor(5, "after-the-killer");
  await ask.send(later);
  assert.deepEqual(said(await ask.answerTo(later, 120_000)), ["Succeeded", null]);
  assert.equal(deaths, died);
  assert.equal(ask.answersTo(killer).length, 1);
});
