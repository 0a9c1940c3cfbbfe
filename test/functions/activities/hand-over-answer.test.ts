import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { handOverAnswer } from "../../../functions/activities/hand-over-answer.ts";
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

test("an answer is handed over to an instance of its own, once", async () => {
  const handOver = () => handOverAnswer({ instanceId: "vpn-1.answer", answer }, () => {}, hub.context());
  assert.deepEqual([await handOver(), await handOver()], [{ ok: true }, { ok: true }]);
  assert.deepEqual(hub.started, [{ id: "vpn-1.answer", name: "answerMessage", input: answer }]);
});
