import assert from "node:assert/strict";
import { test } from "node:test";
import { functionNameOf } from "../../../shared/access/request-queues.ts";

test("a single queue keeps the function's name; with several queues the name contains the queue's", () => {
  assert.equal(functionNameOf("requests.one", new Map([["requests.one", "/a"]])), "receiveRequest");
  const several = new Map([
    ["tickets", "/ticketing"],
    ["requests.one/x-1", ""],
  ]);
  assert.equal(functionNameOf("requests.one/x-1", several), "receiveRequest_requests_one_x_1");
});
