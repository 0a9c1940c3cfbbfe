import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import type { App } from "../../local/functions-host/app/load-app.ts";
import { keyOfTapes } from "../extension/scenes.ts";
import { loadSourceApp } from "../support/source-app.ts";
import { replay } from "./replay.ts";
import { readTapes, withoutTimes } from "./tape.ts";

// What the Durable Task extension said to the app, said to today's app again: it must ask for the
// same steps, and its entities must return the same. After a change of the steps the tapes are
// recorded anew: test/extension/record-tapes.ts.

const tapes = readTapes();
const settings = {
  ServiceBus: "Endpoint=sb://127.0.0.1;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true;",
  SEALING_KEYS: JSON.stringify({ k1: Buffer.alloc(32).toString("base64") }),
};

let app: App;
before(async () => {
  app = await loadSourceApp(settings, join(import.meta.dirname, "app-with-swapped-steps.ts"));
});

test("there are tapes, and no key is on one", () => {
  assert.ok(Object.keys(tapes).length > 0);
  for (const [scene, tape] of Object.entries(tapes)) assert.ok(!JSON.stringify(tape).includes(keyOfTapes), scene);
});

for (const [scene, { orchestrations, entities }] of Object.entries(tapes)) {
  for (const taped of orchestrations) {
    test(`${scene}: ${taped.orchestration} ${taped.instanceId} asks for the same steps in every turn`, () => replay(app, taped));
  }

  test(`${scene}: entities return the same`, async () => {
    for (const { function: name, given, returned } of entities) {
      const target = app.functions.find((known) => known.name === name);
      assert.ok(target, name);
      const again = await app.invoke(target, { trigger: { string: JSON.stringify(given) } });
      assert.deepEqual(withoutTimes(JSON.parse(String(again.returned?.json))), returned);
    }
  });
}
