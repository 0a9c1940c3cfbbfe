import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, test } from "node:test";
import { openEntityTables } from "../../../local/functions-host/store/entities.ts";
import { openInstanceTables } from "../../../local/functions-host/store/instances.ts";
import { openDatabase } from "../../../local/functions-host/store/open.ts";
import { openTaskTables } from "../../../local/functions-host/store/tasks.ts";
import { addFinishedInstances } from "../../support/finished-instances.ts";

let parent: string;
let directory: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "store-"));
  directory = join(parent, "deep", "data");
});
afterEach(() => rmSync(parent, { recursive: true }));
const file = () => join(directory, "durable.sqlite");

test("a store is made in its directory, which nobody else may read, with its log beside it", { skip: process.platform === "win32" }, () => {
  const database = openDatabase(directory);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  assert.equal(database.sql.prepare("PRAGMA journal_mode").get()?.["journal_mode"], "wal");
  assert.ok(existsSync(file()));
  database.close();
});

test("others read the store while the host writes: they see what is committed, and hold nothing up", async () => {
  const database = openDatabase(directory);
  const instances = openInstanceTables(database);
  const reader = new DatabaseSync(file(), { readOnly: true });
  const seen = () => reader.prepare("SELECT COUNT(*) AS count FROM instances").get()?.["count"];
  reader.exec("BEGIN");
  assert.equal(seen(), 0);
  database.transaction(() => instances.create("a", "name", "execution", "null", 1));
  await database.committed();
  assert.equal(seen(), 0, "the reader's transaction is older");
  reader.exec("COMMIT");
  assert.equal(seen(), 1);
  reader.close();
  database.close();
});

test("a work that throws leaves nothing behind, and the works beside it are committed", async () => {
  let commits = 0;
  const database = openDatabase(directory, () => commits++);
  const instances = openInstanceTables(database);
  database.transaction(() => instances.create("before", "name", "execution", "null", 1));
  const broken = () =>
    database.transaction(() => {
      instances.create("a", "name", "execution", "null", 1);
      throw new Error("in the middle");
    });
  assert.throws(broken, { message: "in the middle" });
  assert.deepEqual([instances.get("a"), commits], [undefined, 0]);
  database.transaction(() => instances.create("after", "name", "execution", "null", 1));
  await database.committed();
  assert.equal(commits, 1, "all works of one turn of the event loop are one commit");
  const known = ["before", "a", "after"].map((id) => instances.get(id)?.id);
  assert.deepEqual(known, ["before", undefined, "after"]);
  await database.committed();
  database.close();
});

test("what was not committed is lost when the store is closed, all of it", async () => {
  const first = openDatabase(directory);
  const instances = openInstanceTables(first);
  first.transaction(() => instances.create("committed", "name", "execution", "null", 1));
  await first.committed();
  first.transaction(() => instances.create("a", "name", "execution", "null", 1));
  first.transaction(() => instances.create("b", "name", "execution", "null", 1));
  first.close();
  const second = openDatabase(directory);
  const known = ["committed", "a", "b"].map((id) => openInstanceTables(second).get(id)?.id);
  assert.deepEqual(known, ["committed", undefined, undefined]);
  second.close();
});

test("what was committed is there for the next one", async () => {
  const first = openDatabase(directory);
  first.transaction(() => {
    openInstanceTables(first).create("a", "name", "execution", '{"x":1}', 1);
    openTaskTables(first).addTimer({ instance: "a", task: 3, fireAt: 9 });
  });
  await first.committed();
  first.close();
  const second = openDatabase(directory);
  assert.equal(openInstanceTables(second).get("a")?.input, '{"x":1}');
  assert.deepEqual(
    openTaskTables(second)
      .timers()
      .map((timer) => ({ ...timer })),
    [{ instance: "a", task: 3, fireAt: 9 }],
  );
  second.close();
});

test("what a killed process had taken comes back at its time, and behind it what the same sender sent to the same receiver", () => {
  const first = openDatabase(directory);
  const [instances, tasks, entities] = [openInstanceTables(first), openTaskTables(first), openEntityTables(first)];
  const raised = { EventType: 15, EventId: -1 };
  instances.deliver("a", { ...raised, Name: "taken" }, "sender", 5);
  instances.deliver("a", { ...raised, Name: "behind" }, "sender", 6);
  instances.deliver("a", { ...raised, Name: "of another" }, "other", 7);
  instances.deliverStart("b", { ...raised, Name: "start" }, 5);
  instances.deliver("b", { ...raised, Name: "before its start" }, "other", 0);
  const message = { operation: "add", input: null, caller: null };
  entities.queue("@e@1", { ...message, id: "taken" }, "sender", 5);
  entities.queue("@e@1", { ...message, id: "behind" }, "sender", 0);
  entities.queue("@e@1", { ...message, id: "of another" }, "other", 0);
  tasks.addWork({ instance: "a", task: 1, name: "taken", input: "null" });
  tasks.addWork({ instance: "a", task: 2, name: "not taken", input: "null" });
  instances.take(instances.nextEvent("a")?.row ?? 0, 100);
  instances.take(instances.nextEvent("b")?.row ?? 0, 100);
  const taken = entities.queued("@e@1").filter(({ message: { id } }) => id === "taken");
  entities.take(taken, 100);
  tasks.takeWork("a", 1, 200);
  first.close();

  const second = openDatabase(directory);
  const left = openInstanceTables(second);
  const takeAll = (id: string) => {
    const found: unknown[] = [];
    for (let next = left.nextEvent(id); next; next = left.nextEvent(id)) {
      found.push([next.event["Name"], next.visibleAt]);
      left.dropEvent(next.row);
    }
    return found;
  };
  const expected = [
    ["of another", 7],
    ["taken", 100],
    ["behind", 100],
  ];
  assert.deepEqual(takeAll("a"), expected);
  assert.deepEqual(takeAll("b"), [
    ["start", 100],
    ["before its start", 100],
  ]);
  const queued = openEntityTables(second).queued("@e@1");
  assert.deepEqual(
    queued.map(({ message: { id }, visibleAt }) => [id, visibleAt]),
    [["of another", 0], ...expected.slice(1)],
  );
  assert.deepEqual(
    openTaskTables(second)
      .work()
      .map(({ name, visibleAt }) => [name, visibleAt]),
    [
      ["taken", 200],
      ["not taken", 0],
    ],
  );
  second.close();
});

test("results and timers of an execution do not reach the one after it, events do", () => {
  const database = openDatabase(directory);
  const instances = openInstanceTables(database);
  for (const EventType of [5, 6, 11, 15]) instances.deliver("a", { EventType, EventId: -1 }, "sender", 0);
  instances.renew("a", "null");
  assert.equal(instances.nextEvent("a")?.event.EventType, 15);
  database.close();
});

for (const version of [1, 99]) {
  test(`a store of version ${version} is refused by a sentence, and stays as it is and free`, () => {
    openDatabase(directory).close();
    const sql = new DatabaseSync(file());
    const own = sql.prepare("PRAGMA user_version").get()?.["user_version"];
    sql.exec(`PRAGMA user_version = ${version}`);
    sql.close();
    const sentence = `The store in ${directory} has version ${version}, this functions host writes version ${own}; remove the directory or choose another --data-dir.`;
    assert.throws(() => openDatabase(directory), { message: sentence });
    assert.throws(() => openDatabase(directory), { message: sentence }, "not: it is in use");
  });
}

test("a second host on a directory is refused by a sentence, until the first one is gone", () => {
  const first = openDatabase(directory);
  assert.throws(() => openDatabase(directory), {
    message: `Another functions host is running on ${directory}; choose another --data-dir.`,
  });
  first.close();
  openDatabase(directory).close();
});

// `npm run bench -- instances` measures it; here is why it holds.
test("what has ended is not read when something new runs, and failures are found without reading the rest", async () => {
  await addFinishedInstances(directory, 2_000, Date.UTC(2026, 0, 1));
  const database = openDatabase(directory);
  const read: string[] = [];
  const prepare = database.sql.prepare.bind(database.sql);
  database.sql.prepare = (text: string) => {
    const plan = prepare(`EXPLAIN QUERY PLAN ${text}`).all();
    for (const { detail } of plan) if (/^SCAN (instances|history)\b/.test(String(detail))) read.push(`${detail}: ${text}`);
    return prepare(text);
  };
  const instances = openInstanceTables(database);
  const failed = instances.list({ statuses: ["Failed", "Terminated", "Canceled"], createdFrom: 0 }, 100);
  openTaskTables(database);
  assert.deepEqual([failed.map(({ id }) => id), read], [["finished-0", "finished-1000"], []]);
  const plan = prepare(
    "EXPLAIN QUERY PLAN SELECT * FROM instances WHERE created BETWEEN ? AND ? AND (created, id) > (?, ?) AND status IN (?) ORDER BY created, id LIMIT ?",
  ).all();
  assert.match(String(plan[0]?.["detail"]), /instances_by_status/);
  database.close();
});
