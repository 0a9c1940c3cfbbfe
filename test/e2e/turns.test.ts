import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { eventType } from "../../local/functions-host/durable/events.ts";
import { eventually } from "../support/eventually.ts";
import { requester, requestFor } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";

// What a request costs on the development host: turns of its orchestrator, calls of entities, and
// activities, as its history has them. On the Durable Task extension test/extension/costs.check.ts
// counts.

let stack: Awaited<ReturnType<typeof startTestStack>>;
before(async () => {
  stack = await startTestStack();
});
after(() => stack.stop());

/** Returns what the history of a request has, whose operation takes so many seconds. */
async function costOf(connection: string, operationSeconds: number) {
  const ask = requester(stack);
  const request = requestFor(1, connection);
  await stack.azure("POST", "/local/faults", [
    { connection, on: "put", operation: { seconds: operationSeconds }, headers: { "retry-after": "1" } },
    { connection, on: "poll", times: "always", headers: { "retry-after": "1" } },
  ]);
  await ask.send(request);
  const { polls } = (await ask.answerTo(request)).body.data.timing;
  const store = new DatabaseSync(join(stack.dataDirectory, "durable.sqlite"), { readOnly: true });
  try {
    const id = ask.idOf(request);
    const status = store.prepare("SELECT status FROM instances WHERE id = ?");
    await eventually("the end of the instance", () => status.get(id)?.["status"] === "Completed");
    const rows = store.prepare("SELECT value FROM history, json_each(events) WHERE instance = ?").all(id);
    const events = rows.map(({ value }) => JSON.parse(String(value)) as { EventType: number; Input?: string; Name?: string });
    const of = (type: number) => events.filter(({ EventType }) => EventType === type);
    const operations = of(eventType.EventSent).map(({ Input }) => JSON.parse(String(Input)) as { op: string; signal?: boolean });
    const names = (isSignal: boolean) => operations.filter(({ signal = false }) => signal === isSignal).map(({ op }) => op);
    return {
      polls,
      turns: of(eventType.OrchestratorStarted).length,
      activities: of(eventType.TaskScheduled).map(({ Name }) => Name),
      calls: names(false),
      signals: names(true),
    };
  } finally {
    store.close();
  }
}

test("a request with one poll takes ten turns, four calls of entities and one signal", async () => {
  assert.deepEqual(await costOf("one-poll", 1), {
    polls: 1,
    turns: 10,
    activities: ["validateRequest", "putConnection", "pollOperation", "publishCompletion"],
    calls: ["open", "acquire", "release", "claim"],
    signals: ["sent"],
  });
});

test("each further poll takes two turns and one activity", async () => {
  const { polls, turns, activities } = await costOf("more-polls", 3);
  assert.ok(polls >= 3);
  assert.equal(turns, 10 + 2 * (polls - 1));
  assert.equal(activities.length, 4 + (polls - 1));
});

test("an operation that is done at once takes nine turns", async () => {
  await stack.azure("POST", "/local/faults", [
    { connection: "at-once", on: "put", operation: { seconds: 0 }, headers: { "azure-asyncoperation": null } },
  ]);
  const { polls, turns, activities } = await costOf("at-once", 0);
  assert.deepEqual([polls, turns], [0, 9]);
  assert.deepEqual(activities, ["validateRequest", "putConnection", "verifyConnection", "publishCompletion"]);
});
