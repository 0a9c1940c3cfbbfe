import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { createManualClock } from "../../../local/clock.ts";
import type { App } from "../../../local/functions-host/app/load-app.ts";
import { calm } from "../../../local/functions-host/durable/roughness.ts";
import { readHostJson } from "../../../local/functions-host/host-json.ts";
import { webhookBase } from "../../../local/functions-host/http/client-binding.ts";
import { openSqliteEngine } from "../../../local/functions-host/sqlite-engine.ts";

// Works are committed together at the end of a turn of the event loop. What leaves the engine
// before that would be lost with a killed process.

test("what is answered, and what an activity is called for, is on disk", async () => {
  const directory = mkdtempSync(join(tmpdir(), "committed-"));
  const target = (name: string, type: string) => ({
    name,
    bindings: { trigger: { type, direction: "in" as const } },
    metadata: {},
    callback: () => {},
  });
  const { promise: called, resolve: call } = Promise.withResolvers<unknown>();
  let reader: DatabaseSync | undefined;
  const onDisk = (rows: string) => reader?.prepare(`SELECT count(*) AS count FROM ${rows}`).get()?.["count"];
  const app = {
    directory,
    functions: [target("one", "orchestrationTrigger"), target("step", "activityTrigger")],
    log: () => {},
    terminate: async () => {},
    async invoke({ name }: { name: string }) {
      if (name === "one")
        return { returned: undefined, result: { isDone: false, actions: [[{ actionType: 0, functionName: "step", input: "1" }]] } };
      call(onDisk("work"));
      return { returned: { json: "1" }, result: 1 };
    },
  } as unknown as App;
  const hostJson = readHostJson(join(import.meta.dirname, "app"));
  const engine = openSqliteEngine({ app, clock: createManualClock(0), dataDirectory: directory, hostJson, roughness: calm });
  try {
    reader = new DatabaseSync(join(directory, "durable.sqlite"), { readOnly: true });
    const url = new URL(`http://127.0.0.1:1${webhookBase}/orchestrators/one/id`);
    const response = await engine.manage({ method: "POST", url, headers: {}, body: Buffer.from("null") });
    assert.equal(response?.status, 202);
    assert.equal(onDisk("instances"), 1, "the start is on disk when it is answered");
    assert.equal(await called, 1, "the episode that asks for an activity is on disk when it is called");
  } finally {
    await engine.drain();
    reader?.close();
    engine.close();
    rmSync(directory, { recursive: true });
  }
});
