import assert from "node:assert/strict";
import { test } from "node:test";
import { policySetting, trustSettings } from "../../local/stack/environment.ts";

test("the settings that say who may do what reach the app, and never both settings of queues", () => {
  const own = { REQUEST_QUEUE: "vpn-connection-requests", ALLOWED_TARGETS: undefined, KEY_VAULT_ALLOWED_SECRETS: undefined };
  assert.deepEqual(trustSettings({}), own);
  assert.deepEqual(trustSettings({ REQUEST_QUEUE: "of-the-shell", REQUEST_QUEUES: "" }), own);
  const given = { REQUEST_QUEUES: '{"q":"/a"}', ALLOWED_TARGETS: "{}", KEY_VAULT_ALLOWED_SECRETS: "{}" };
  assert.deepEqual(trustSettings({ ...given, SEALING_KEYS: "of the shell" }), given);
});

test("the policy says how early the engine's timers fire, beside what is given", () => {
  assert.equal(policySetting(undefined), '{"timersFireEarlySeconds":0}');
  assert.deepEqual(JSON.parse(policySetting('{"deadlineMinutes":5}', 1)), { timersFireEarlySeconds: 1, deadlineMinutes: 5 });
  assert.equal(policySetting('{"timersFireEarlySeconds":3}'), '{"timersFireEarlySeconds":3}');
  for (const wrong of ["nonsense", "[]", "null"]) assert.equal(policySetting(wrong), wrong);
});
