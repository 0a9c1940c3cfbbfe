import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import type { App } from "../../local/functions-host/app/load-app.ts";
import { loadSourceApp } from "../support/source-app.ts";
import { type Fixture, hashOf, type Recorded, recordedHistories } from "./fixture.ts";
import { replay } from "./replay.ts";
import { keyOfScenarios, scenarios } from "./scenarios.ts";

// What instances of every version have gone through, against today's orchestrations: who is under
// way when a new version is deployed must find its way.

const recorded = recordedHistories();
const fixtureOf = ({ text }: Recorded): Fixture => JSON.parse(text);

let app: App;
before(async () => {
  const settings = {
    ServiceBus: "Endpoint=sb://127.0.0.1;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true;",
    SEALING_KEYS: JSON.stringify({ k1: Buffer.alloc(32).toString("base64") }),
  };
  app = await loadSourceApp(settings, join(import.meta.dirname, "app-with-swapped-steps.ts"));
});

test("each history is as it was recorded: its name has the hash of its content", () => {
  for (const { version, scenario, hash, text } of recorded)
    assert.equal(hashOf(text), hash, `${version}/${scenario}.${hash}.json was changed`);
});

test("there is a history of every scenario, and one of each a version", () => {
  const there = new Set(recorded.map(({ scenario }) => scenario));
  assert.deepEqual(
    Object.keys(scenarios).filter((name) => !there.has(name)),
    [],
    "record them: node local/node.js test/histories/record.ts",
  );
  const names = recorded.map(({ version, scenario }) => `${version}/${scenario}`);
  assert.equal(new Set(names).size, names.length);
});

test("no history has a key in it", () => {
  for (const { scenario, text } of recorded) assert.ok(!text.includes(keyOfScenarios), scenario);
});

for (const history of recorded) {
  test(`${history.version} ${history.scenario}: replays, whichever turn the new version comes before`, () =>
    replay(app, fixtureOf(history)));
}

test("two steps in another order are found, and the failure says what becomes of instances in flight", async () => {
  const created = recorded.find(({ scenario }) => scenario === "created") as Recorded;
  await assert.rejects(replay(app, fixtureOf(created), "withSwappedSteps"), (error) => {
    assert.ok(error instanceof Error);
    assert.match(error.message, /^Turn \d+ of provisionVpnConnection vpn-\w+ schedules other steps\./);
    assert.match(error.message, /entity @gateway@\w+ acquire/);
    assert.match(error.message, /cannot go on.*\n.*Failed Interrupted/);
    const [, section = ""] = /CONTRIBUTING\.md, (.+)\.$/m.exec(error.message) ?? [];
    const contributing = readFileSync(join(import.meta.dirname, "..", "..", "CONTRIBUTING.md"), "utf8");
    assert.ok(contributing.includes(`\n## ${section}\n`), section);
    return true;
  });
});

test("so is a step less at the end, another status, and an orchestration that is gone", async () => {
  const fixture = fixtureOf(recorded.find(({ scenario }) => scenario === "created") as Recorded);
  const { history } = fixture;
  await assert.rejects(replay(app, { ...fixture, history: history.slice(0, -5) }), /never comes to its end/);
  await assert.rejects(replay(app, { ...fixture, customStatus: { step: "renamed" } }), /The steps are the same[\s\S]*renamed/);
  await assert.rejects(replay(app, fixture, "gone"), /doesn't exist|is disabled/);
});
