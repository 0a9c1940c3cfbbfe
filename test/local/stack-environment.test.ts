import assert from "node:assert/strict";
import { test } from "node:test";
import { createPolicySetting, pickTrustSettings } from "../../local/stack/environment.ts";

test("the settings that say who may do what reach the app, and never both settings of queues", () => {
  const own = { REQUEST_QUEUE: "vpn-connection-requests", ALLOWED_TARGETS: undefined, KEY_VAULT_ALLOWED_SECRETS: undefined };
  assert.deepEqual(pickTrustSettings({}), own);
  assert.deepEqual(pickTrustSettings({ REQUEST_QUEUE: "of-the-shell", REQUEST_QUEUES: "" }), own);
  const given = { REQUEST_QUEUES: '{"q":"/a"}', ALLOWED_TARGETS: "{}", KEY_VAULT_ALLOWED_SECRETS: "{}" };
  assert.deepEqual(pickTrustSettings({ ...given, SEALING_KEYS: "of the shell" }), given);
});

test("the policy says how early the engine's timers fire, beside what is given", () => {
  assert.equal(createPolicySetting(undefined), '{"timersFireEarlySeconds":0}');
  assert.deepEqual(JSON.parse(createPolicySetting('{"deadlineMinutes":5}', 1)), { timersFireEarlySeconds: 1, deadlineMinutes: 5 });
  assert.equal(createPolicySetting('{"timersFireEarlySeconds":3}'), '{"timersFireEarlySeconds":3}');
  for (const wrong of ["nonsense", "[]", "null"]) assert.equal(createPolicySetting(wrong), wrong);
});
