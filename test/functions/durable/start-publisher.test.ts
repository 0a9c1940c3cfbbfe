import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { durableClientOf } from "../../../functions/durable/durable-client.ts";
import { startPublisher } from "../../../functions/durable/start-publisher.ts";
import type { AnswerInput } from "../../../shared/durable/answer.ts";
import { startTaskHub } from "../../support/task-hub.ts";

let hub: Awaited<ReturnType<typeof startTaskHub>>;
before(async () => {
  hub = await startTaskHub();
});
beforeEach(() => {
  hub.instances.clear();
  hub.away = false;
  for (const list of [hub.started, hub.raised]) list.length = 0;
});
after(() => hub.close());

const answer = { claimId: "vpn-1", fingerprints: [], completion: {} } as unknown as AnswerInput;
const start = () => startPublisher(durableClientOf(hub.context()), "vpn-1", answer);

test("an answer is started, and one that is on its way already is left alone", async () => {
  await start();
  await start();
  assert.deepEqual(hub.started, [{ id: "vpn-1", name: "answerMessage", input: answer }]);
});

test("an answer that could not be started is an error, for whoever tries again", async () => {
  hub.away = true;
  await assert.rejects(start());
});
