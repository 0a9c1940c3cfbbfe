import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { composeCompletion } from "../../../shared/contract/compose.ts";
import { instanceIdInEventId } from "../../../shared/durable/instance-id.ts";
import { spansOfAnswer } from "../../../shared/tracing/answer-spans.ts";
import { traceOfRequest } from "../../../shared/tracing/request-trace.ts";
import { anyCompletion } from "../../support/any-completion.ts";
import { anyTiming } from "./timing.ts";

const completions = fc
  .record({ about: anyCompletion, judged: anyTiming, publishing: fc.nat(10_000) })
  .map(({ about, judged, publishing }) => ({
    completion: composeCompletion({ ...about, data: { ...about.data, ...judged } }),
    publishedAt: Date.parse(judged.timing.completedAt) + publishing,
  }));

test("whatever the answer is: one tree, children and calls inside their parents, ids that are valid and always the same", () => {
  fc.assert(
    fc.property(completions, ({ completion, publishedAt }) => {
      const [whole, ...phases] = spansOfAnswer(completion, publishedAt);
      assert.ok(whole);
      const { event } = completion;
      const { root } = traceOfRequest(instanceIdInEventId(event.id), event.traceparent);
      assert.deepEqual([whole.traceId, whole.parentSpanId], [root.traceId, root.parentSpanId]);
      assert.equal(whole.startedAt, Date.parse(event.data.timing.receivedAt));
      assert.equal(whole.endedAt, publishedAt);
      for (const span of [whole, ...phases]) {
        assert.match(span.spanId, /^(?!0+$)[0-9a-f]{16}$/);
        assert.match(span.traceId, /^(?!0+$)[0-9a-f]{32}$/);
        for (const { at } of span.events) assert.ok(at >= span.startedAt && at <= span.endedAt);
      }
      for (const { parentSpanId, traceId, startedAt, endedAt } of phases) {
        assert.deepEqual([parentSpanId, traceId], [whole.spanId, whole.traceId]);
        assert.ok(startedAt >= whole.startedAt && endedAt <= whole.endedAt);
      }
      const ids = [whole, ...phases].map(({ spanId }) => spanId);
      assert.equal(new Set(ids).size, ids.length);
      const later = spansOfAnswer(completion, publishedAt + 5_000);
      assert.deepEqual(
        later.map(({ spanId }) => spanId),
        ids,
      );
    }),
    { numRuns: 60 },
  );
});

const completion = (changed: object) =>
  composeCompletion({
    id: "vpn-1.completed",
    target: { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "gw", connectionName: "branch" },
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
    ticket: null,
    replySessionId: null,
    data: {
      requestId: "r",
      requestSource: "/s",
      outcome: "Succeeded",
      change: "Created",
      resource: null,
      problem: null,
      warnings: [],
      diff: null,
      armState: "Succeeded",
      arm: {
        correlationRequestId: "c",
        operationId: null,
        attempts: [
          { at: "2026-03-01T08:00:01.500Z", action: "put", clientRequestId: "p", status: 201, code: null, retryAfterSeconds: 2 },
          { at: "2026-03-01T08:00:03.000Z", action: "poll", clientRequestId: "q", status: null, code: null, retryAfterSeconds: null },
        ],
      },
      timing: {
        receivedAt: "2026-03-01T08:00:00.000Z",
        startedAt: "2026-03-01T08:00:01.000Z",
        validatedAt: "2026-03-01T08:00:01.100Z",
        leaseGrantedAt: "2026-03-01T08:00:01.200Z",
        submittedAt: "2026-03-01T08:00:02.000Z",
        provisionedAt: "2026-03-01T08:00:04.000Z",
        completedAt: "2026-03-01T08:00:05.000Z",
        polls: 2,
      },
      ...changed,
    },
  });

test("the whole request is named by its connection, lies in the request's trace, and says how it ended", () => {
  const [whole] = spansOfAnswer(completion({}), Date.parse("2026-03-01T08:00:06.000Z"));
  assert.equal(whole?.name, "provision gw/branch");
  assert.equal(whole?.parentSpanId, "b7ad6b7169203331");
  assert.deepEqual(whole?.attributes, {
    "vpn.instance_id": "vpn-1",
    "vpn.outcome": "Succeeded",
    "vpn.polls": 2,
    "vpn.arm.correlation_id": "c",
    "vpn.change": "Created",
  });
});

test("calls that the answer lists are events of their phase", () => {
  const spans = spansOfAnswer(completion({}), Date.parse("2026-03-01T08:00:06.000Z"));
  assert.deepEqual(
    spans.flatMap(({ name, events }) => events.map((event) => [name, event.name, event.attributes])),
    [
      ["put", "put", { "azure.client.request_id": "p", "http.response.status_code": 201, "vpn.retry_after_s": 2 }],
      ["wait for Azure", "poll", { "azure.client.request_id": "q" }],
    ],
  );
});
