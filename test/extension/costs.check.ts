import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Cost, createCostCounter } from "../support/cost-on-extension.ts";
import { requester, requestFor } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";

// What a request costs on the Durable Task extension.

describe("the cost of a request on the Durable Task extension", () => {
  const directory = mkdtempSync(join(tmpdir(), "cost-"));
  const tape = join(directory, "tape");
  let stack: Awaited<ReturnType<typeof startTestStack>>;
  before(async () => {
    writeFileSync(tape, "");
    stack = await startTestStack({ engine: "extension", storageLog: true, settings: { EXTENSION_TAPE: tape } });
  });
  after(async () => {
    await stack?.stop();
    rmSync(directory, { recursive: true });
  });

  /** Returns the cost of a request whose operation takes so many seconds, and its polls. */
  async function costOf(connection: string, operationSeconds: number): Promise<Cost & { readonly polls: number }> {
    const ask = requester(stack);
    const request = requestFor(1, connection);
    for (const { properties } of request.data.connection.properties.vpnLinkConnections) delete properties["sharedKey"];
    await stack.azure("POST", "/local/faults", [
      { connection, on: "put", operation: { seconds: operationSeconds }, headers: { "retry-after": "2" } },
      { connection, on: "poll", times: "always", headers: { "retry-after": "1" } },
    ]);
    const cost = await createCostCounter(stack, tape).countCost(async () => {
      await ask.send(request);
      await ask.answerTo(request, 60_000);
    });
    const { body } = await ask.answerTo(request);
    assert.equal(body.data.outcome, "Succeeded");
    return { ...cost, polls: body.data.timing.polls };
  }

  test("ten turns, four calls of entities, one signal and 90 storage transactions; each further poll two turns and twelve", async () => {
    await costOf("warm-up", 1);
    const one = await costOf("one-poll", 1);
    assert.equal(one.polls, 1);
    assert.equal(one.orchestratorTurns, 10);
    assert.deepEqual([one.calls, one.signals], [["open", "acquire", "release", "claim"], ["sent"]]);
    assert.equal(one.activities, 4);
    // On a busy machine the claim may be read once more until it is open.
    const again = await costOf("one-poll-again", 1);
    const storage = Math.min(one.storage, again.storage);
    assert.ok(storage <= 90, `${one.storage} and ${again.storage} transactions`);

    const more = await costOf("more-polls", 8);
    assert.ok(more.polls >= 4, `${more.polls} polls`);
    assert.equal(more.orchestratorTurns, 10 + 2 * (more.polls - 1));
    assert.equal(more.activities, 4 + (more.polls - 1));
    const perPoll = (more.storage - storage) / (more.polls - 1);
    assert.ok(perPoll <= 12.5, `${perPoll} transactions for each further poll`);
  });
});
