import assert from "node:assert/strict";
import { test } from "node:test";
import type { Completion, CompletionData, Timing } from "../../../shared/contract/completion.ts";
import { composeCompletion } from "../../../shared/contract/compose.ts";
import { problem } from "../../../shared/contract/problem.ts";
import { completionLineOf } from "../../../shared/log/completion-line.ts";

const target = {
  subscriptionId: "00000000-0000-0000-0000-000000000001",
  resourceGroupName: "rg",
  gatewayName: "gw",
  connectionName: "branch",
};
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const timing: Timing = {
  receivedAt: at(0),
  startedAt: at(1.5),
  leaseGrantedAt: at(61.5),
  submittedAt: at(62),
  provisionedAt: at(600),
  completedAt: at(601.5),
  polls: 9,
};
type Attempt = CompletionData["arm"]["attempts"][number];
const attempt = (status: number | null, code: string | null = null): Attempt => ({
  ...{ at: at(62), action: "put", clientRequestId: "c", retryAfterSeconds: null },
  ...{ status, code },
});

function completionOf(data: Partial<CompletionData> = {}, more: Partial<Completion> = {}): Completion {
  const completion = composeCompletion({
    ...{ id: "vpn-1.completed", target, traceparent: null, ticket: null, replySessionId: null },
    data: {
      ...{ requestId: "7", requestSource: "/s", outcome: "Succeeded", change: "Created", resource: null, problem: null },
      ...{ warnings: [], diff: null, armState: "Succeeded", timing },
      arm: { correlationRequestId: "c", operationId: null, attempts: [] },
      ...data,
    },
  });
  return { ...completion, ...more };
}
const partsOf = (changed: Partial<Timing>) => {
  const { deliverySeconds, queueSeconds, azureSeconds, totalSeconds } = completionLineOf(
    completionOf({ timing: { ...timing, ...changed } }),
  );
  return [deliverySeconds, queueSeconds, azureSeconds, totalSeconds];
};

test("the line of a success has everything that a query needs", () => {
  assert.deepEqual(completionLineOf(completionOf({}, { mode: "apply", resubmissions: 2 })), {
    eventId: "vpn-1.completed",
    gatewayId: "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Network/vpnGateways/gw",
    requestSource: "/s",
    mode: "apply",
    outcome: "Succeeded",
    change: "Created",
    problem: null,
    retryable: null,
    actor: null,
    deliverySeconds: 1.5,
    queueSeconds: 60,
    azureSeconds: 540,
    totalSeconds: 601.5,
    polls: 9,
    attempts: 0,
    throttled: 0,
    busy: 0,
    transient: 0,
    resubmissions: 2,
  });
});

test("a problem names who must act, and what is not known is null", () => {
  const line = completionLineOf(completionOf({ outcome: "Failed", change: null, problem: problem("InternalError", "x") }));
  const { problem: code, retryable, actor, mode, resubmissions } = line;
  assert.deepEqual([code, retryable, actor, mode, resubmissions], ["InternalError", true, "operator", null, null]);
});

test("the parts add up to the total, also if a step was not reached or the broker's clock is ahead", () => {
  assert.deepEqual(partsOf({ leaseGrantedAt: null, submittedAt: null, provisionedAt: null }), [1.5, 600, 0, 601.5]);
  assert.deepEqual(partsOf({ startedAt: null, leaseGrantedAt: null }), [601.5, 0, 0, 601.5]);
  assert.deepEqual(partsOf({ receivedAt: at(3) }), [0, 58.5, 540, 598.5]);
  assert.deepEqual(partsOf({ receivedAt: at(9999), startedAt: null, leaseGrantedAt: null }), [0, 0, 0, 0]);
});

test("each attempt is counted once: throttled, busy, transient, or none of these", () => {
  const attempts = [
    attempt(429, "TooManyRequests"),
    attempt(429, "AnotherOperationInProgress"),
    attempt(409, "RetryableError"),
    attempt(503),
    attempt(null),
    attempt(400, "BadRequest"),
    attempt(201),
  ];
  const line = completionLineOf(completionOf({ arm: { correlationRequestId: "c", operationId: null, attempts } }));
  assert.deepEqual([line.attempts, line.throttled, line.busy, line.transient], [7, 1, 2, 2]);
});
