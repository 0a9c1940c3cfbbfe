import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Claim } from "../../shared/durable/claim.ts";
import { startDevStack } from "../support/dev-stack.ts";
import { eventually } from "../support/eventually.ts";
import { requestFor, said } from "../support/requester.ts";
import type { SeenRequest } from "../support/running-stack.ts";

// Every process is ended with SIGKILL at once: the product, the extension, Azurite, the broker,
// Azure. What the killed host had taken from a queue of Azure Storage is visible again after one
// minute.

const BOUND_MS = 150_000;

describe("everything ends", { concurrency: true }, () => {
  test("killed between the PUT and the first poll: one PUT, one answer", async () => {
    const stack = await startDevStack();
    try {
      const request = requestFor(1, "killed");
      await stack.ask.takes("killed", 8, 3);
      await stack.ask.send(request);
      await stack.ask.shows(request, { step: "polling" }, BOUND_MS);
      await stack.killEverything();
      await stack.startAgain();
      assert.deepEqual(said(await stack.ask.answerTo(request, BOUND_MS)), ["Succeeded", null]);
      await stack.ask.onlyPutOf("killed");
      assert.equal(stack.ask.answersTo(request).length, 1);
    } finally {
      await stack.stop();
    }
  });

  test("killed between the claim of the answer and its publication: the answer that was claimed comes, once", async () => {
    const stack = await startDevStack();
    try {
      const request = requestFor(1, "claimed");
      await stack.ask.takes("claimed", 20, 5);
      await stack.ask.send(request);
      await stack.ask.shows(request, { step: "polling" }, BOUND_MS);
      // Nothing can be published from now on.
      stack.freezeBroker();
      const claimed = await eventually(
        "the answer is claimed",
        async () => {
          const response = await stack.manage(`entities/request/${stack.ask.idOf(request)}`);
          return response.ok && ((await response.json()) as Claim).completion;
        },
        BOUND_MS,
      );
      await stack.killEverything();
      assert.equal(stack.ask.answersTo(request).length, 0);
      await stack.startAgain();
      const answer = await stack.ask.answerTo(request, BOUND_MS);
      assert.deepEqual(said(answer), ["Succeeded", null]);
      assert.deepEqual(answer.body.data.timing, claimed.event.data.timing);
      await stack.ask.onlyPutOf("claimed");
      assert.equal(stack.ask.answersTo(request).length, 1);
    } finally {
      await stack.stop();
    }
  });

  test("killed twice, while twenty requests run: twenty answers, one PUT each, and no two operations on one gateway at once", async () => {
    const stack = await startDevStack();
    try {
      const requests = Array.from({ length: 20 }, (_, index) => requestFor((index % 10) + 1, `site${index}`));
      await Promise.all(requests.map((request) => stack.ask.send(request)));
      for (const first of ["submitted", "published"]) {
        await eventually(first, () => stack.steps.some(({ step }) => step === first), BOUND_MS);
        await stack.killEverything();
        await stack.startAgain();
      }
      for (const request of requests) {
        assert.deepEqual(said(await stack.ask.answerTo(request, BOUND_MS)), ["Succeeded", null], request.data.target.connectionName);
        assert.equal(new Set(stack.ask.answersTo(request).map(({ messageId }) => messageId)).size, 1);
        await stack.ask.onlyPutOf(request.data.target.connectionName);
      }
      const gateways = Object.groupBy(await stack.seen(), ({ url }) => url.split("/vpnConnections/")[0] ?? "");
      for (const [gateway, seen = []] of Object.entries(gateways)) assert.deepEqual(overlapsIn(seen), [], gateway);
    } finally {
      await stack.stop();
    }
  });

  test("a stack that is stopped while requests run goes on when it is started again", async () => {
    const stack = await startDevStack();
    try {
      const requests = Array.from({ length: 5 }, (_, index) => requestFor(index + 1, `stopped${index}`));
      for (const { data } of requests) await stack.ask.takes(data.target.connectionName, 25, 5);
      await Promise.all(requests.map((request) => stack.ask.send(request)));
      for (const request of requests) await stack.ask.shows(request, { step: "polling" }, BOUND_MS);
      await stack.stopEverything();
      await stack.startAgain();
      for (const request of requests) {
        assert.deepEqual(said(await stack.ask.answerTo(request, BOUND_MS)), ["Succeeded", null]);
        await stack.ask.onlyPutOf(request.data.target.connectionName);
        assert.equal(stack.ask.answersTo(request).length, 1);
      }
    } finally {
      await stack.stop();
    }
  });
});

/** The operations that began before the one before them had ended. */
function overlapsIn(seen: readonly SeenRequest[]): SeenRequest[] {
  const began = seen.filter(({ operation }) => operation).toSorted((a, b) => a.at - b.at);
  return began.filter(({ at }, index) => index > 0 && at < (began[index - 1]?.operation?.endsAt ?? 0));
}
