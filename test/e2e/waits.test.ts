import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { manners } from "../support/manners.ts";
import { requester, requestFor, said } from "../support/requester.ts";
import { type SeenRequest, startTestStack } from "../support/running-stack.ts";

// Azure says how long to wait, and no call comes before that: neither a PUT after one that was
// throttled, nor a poll after a poll.

const REQUESTS = 20;
const OPERATION_SECONDS = 5;
const THROTTLED_TIMES = 3;
const BOUND_MS = 90_000;

for (const { name, rough } of manners) {
  describe(`waits, ${name}`, () => {
    test("no call of Azure comes before its Retry-After is over", async (t) => {
      const stack = await startTestStack({ rough });
      t.after(() => stack.stop());
      const ask = requester(stack);
      const respond = { status: 429, headers: { "retry-after": "1" }, body: { error: { code: "TooManyRequests", message: "wait" } } };
      const waits = await Promise.all(
        Array.from({ length: REQUESTS }, async (_, index) => {
          const connection = `waits${index}`;
          const pollSeconds = (index % 2) + 1;
          await stack.azure("POST", "/local/faults", { connection, on: "put", times: THROTTLED_TIMES, respond });
          await ask.takes(connection, OPERATION_SECONDS, pollSeconds);
          const request = requestFor(index + 1, connection);
          await ask.send(request);
          assert.deepEqual(said(await ask.answerTo(request, BOUND_MS)), ["Succeeded", null]);
          return waitsOf(await stack.seen(), connection, pollSeconds);
        }),
      );
      const early = waits.flat().filter(({ waited, asked }) => waited < asked);
      const told = `${early.length} of ${waits.flat().length} calls came before their Retry-After was over`;
      t.diagnostic(told);
      assert.deepEqual(early.slice(0, 5), [], told);
    });
  });
}

/**
 * How long after each answer with a Retry-After the next call for the connection came, in
 * milliseconds of product time.
 */
function waitsOf(seen: readonly SeenRequest[], connection: string, pollSeconds: number) {
  const operations = seen.flatMap(({ url, operation }) => (operation && url.includes(`/${connection}?`) ? [operation.id] : []));
  const calls = seen.filter(({ url }) => url.includes(`/vpnConnections/${connection}?`) || operations.some((id) => url.includes(id)));
  return calls.slice(1).flatMap((call, index) => {
    const before = calls[index] as SeenRequest;
    const asked = askedToWait(before, pollSeconds);
    return asked === 0 ? [] : [{ what: `${before.method} ${before.status}`, asked: asked * 1000, waited: call.at - before.at }];
  });
}

/**
 * The Retry-After of an answer, in seconds; 0 for those that have none, or that end the operation.
 */
function askedToWait({ method, status, response, url }: SeenRequest, pollSeconds: number): number {
  if (method === "PUT") return status === 429 ? 1 : pollSeconds;
  const isPoll = !url.includes("/vpnConnections/");
  return isPoll && (response as { status?: string } | null)?.status !== "Succeeded" ? pollSeconds : 0;
}
