import assert from "node:assert/strict";
import { test } from "node:test";
import { openRecord } from "../../orchestrations/completion-record.ts";

test("the custom status shows the progress, bounded, after each call", () => {
  const status: { step?: string; progress?: { polls: number; operationId: string | null; attempts: object[] } } = {};
  const context = {
    df: { currentUtcDateTime: new Date(0), setCustomStatus: (given: object) => Object.assign(status, given) },
  } as unknown as Parameters<typeof openRecord>[0];
  const record = openRecord(context, { requestId: "r", receivedAt: "t", ticket: null } as unknown as Parameters<typeof openRecord>[1]);
  const call = { action: "get", clientRequestId: "c".repeat(36), status: 500, code: "x".repeat(5_000), retryAfterSeconds: null } as const;
  record.show("leaseGranted");
  record.addAttempts([call]);
  assert.deepEqual([status.step, status.progress?.attempts.length], ["leaseGranted", 1]);
  record.addAttempts(Array.from({ length: 100 }, () => call));
  record.noteOperation("op-1");
  record.countPoll();
  record.show("polling");
  const remembered = { resourceId: "i".repeat(2_000), ageSeconds: 5 };
  record.addAttempts([{ action: "check", clientRequestId: "c", status: 200, code: null, retryAfterSeconds: null, remembered }]);
  assert.deepEqual([status.step, status.progress?.polls, status.progress?.operationId], ["polling", 1, "op-1"]);
  assert.ok(JSON.stringify(status).length < 8_000);
  assert.equal(record.attempts.length, 102);
  assert.ok(!JSON.stringify(status).includes("remembered"), "a remembered read is about a warning, which the status does not have");
});
