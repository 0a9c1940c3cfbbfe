import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answerInstanceIdOf,
  completionEventIdOf,
  conflictEventIdOf,
  instanceIdInEventId,
  instanceIdOf,
  requestInstanceIdOf,
  undeliverableInstanceIdOf,
  unreadableEventIdOf,
} from "../../../shared/durable/instance-id.ts";

const instanceId = "vpn-6fec4dfa1dcd8d54cacabf83fa04c7a71aa91596";

test("a request's instance id never changes, and the line feed between source and id cannot be shifted", () => {
  assert.equal(instanceIdOf("/ticketing/servicenow", "6f1c2f1e-5b0c-4c3a-9d0e-2f4a7c1d8b60"), instanceId);
  assert.notEqual(instanceIdOf("a\nb", "c"), instanceIdOf("a", "b\nd"));
});

test("ids that are made of an instance id lead back to it", () => {
  assert.equal(instanceIdInEventId(completionEventIdOf(instanceId)), instanceId);
  for (const id of [answerInstanceIdOf(instanceId), undeliverableInstanceIdOf(instanceId), instanceId])
    assert.equal(requestInstanceIdOf(id), instanceId);
});

test("each conflicting payload and each unreadable message has an event id of its own", () => {
  assert.equal(conflictEventIdOf(instanceId, ["k1.abc"]), `${instanceId}.conflict.abc`);
  assert.equal(conflictEventIdOf(instanceId, ["k2.def", "k1.abc"]), conflictEventIdOf(instanceId, ["k1.abc", "k2.def"]));
  const idOf = (sequenceNumber: string) => unreadableEventIdOf("q", { messageId: "m", sequenceNumber });
  assert.equal(idOf("1"), idOf("1"));
  assert.notEqual(idOf("1"), idOf("2"));
});
