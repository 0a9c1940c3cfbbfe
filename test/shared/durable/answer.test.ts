import assert from "node:assert/strict";
import { test } from "node:test";
import { requestHeaderOf } from "../../../shared/durable/answer.ts";

const header = {
  requestId: "1",
  requestSource: "/a",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  ticket: null,
  receivedAt: "2026-01-01T00:00:00.000Z",
  replySessionId: "s",
};

test("a request's header has nothing else of the request, and no malformed traceparent", () => {
  assert.deepEqual(requestHeaderOf({ ...header, data: "{}" } as typeof header), header);
  assert.equal(requestHeaderOf({ ...header, traceparent: "x" }).traceparent, null);
});
