import assert from "node:assert/strict";
import { test } from "node:test";
import { trustSettings } from "../../local/stack/environment.ts";

test("the settings that say who may do what reach the app, and never both settings of queues", () => {
  const own = { REQUEST_QUEUE: "vpn-connection-requests", ALLOWED_TARGETS: undefined, KEY_VAULT_ALLOWED_SECRETS: undefined };
  assert.deepEqual(trustSettings({}), own);
  assert.deepEqual(trustSettings({ REQUEST_QUEUE: "of-the-shell", REQUEST_QUEUES: "" }), own);
  const given = { REQUEST_QUEUES: '{"q":"/a"}', ALLOWED_TARGETS: "{}", KEY_VAULT_ALLOWED_SECRETS: "{}" };
  assert.deepEqual(trustSettings({ ...given, SEALING_KEYS: "of the shell" }), given);
});
