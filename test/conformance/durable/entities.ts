import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import type { Driver } from "./driver.ts";

/**
 * Entities (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-entities).
 */
export function entities({ run, manage, entity, client }: Driver): void {
  const calls = (key: string, ...operations: [operation: string, input?: unknown][]) => run("calls", { key, operations });

  test("operations are answered, and the state is kept between them", async () => {
    assert.deepEqual(await calls(randomUUID(), ["get"], ["add", 5], ["add", 7], ["get"]), [0, null, null, 12]);
  });

  test("an entity knows its key, its input, and whether it is new", async () => {
    const key = randomUUID();
    assert.deepEqual(await calls(key, ["describe", { a: [1] }], ["add", 1], ["describe"]), [
      { key, isNew: true, input: { a: [1] } },
      null,
      { key, isNew: false, input: null },
    ]);
  });

  test("signals and a call of one orchestration are done in their order", async () => {
    assert.equal(await run("signals", { key: randomUUID(), values: [1, 2, 3] }), 6);
  });

  test("keys are compared with their case, and each has a state of its own", async () => {
    const key = randomUUID();
    await calls(`${key}-a`, ["add", 1]);
    await calls(`${key}-A`, ["add", 2]);
    assert.deepEqual([await entity(`${key}-a`), await entity(`${key}-A`)], [1, 2]);
  });

  // What it was is lost on the way: the SDK makes JSON of an Error, which has no fields
  // (https://github.com/Azure/azure-functions-durable-js/blob/v3.x/src/entities/Entity.ts).
  test("an orchestrator catches the error of an entity, which keeps its state and goes on", async () => {
    assert.deepEqual(await run("catchesEntity", randomUUID()), { caught: true, state: 3 });
  });

  test("an entity that forgets itself is gone, and begins anew", async () => {
    const key = randomUUID();
    await calls(key, ["add", 4]);
    assert.equal(await entity(key), 4);
    await calls(key, ["forget"]);
    await eventually("the entity is gone", async () => (await entity(key)) === undefined);
    assert.deepEqual(await calls(key, ["add", 1], ["get"]), [null, 1]);
  });

  test("an entity that never was has no state", async () => assert.equal(await entity(randomUUID()), undefined));

  test("entities signal each other", async () => {
    const [from, to] = [randomUUID(), randomUUID()];
    await calls(from, ["add", 9], ["passOn", to]);
    await eventually("the signal has come", async () => (await entity(to)) === 9);
  });

  test("whoever is outside signals over HTTP, and the name is compared without case", async () => {
    const key = randomUUID();
    assert.equal((await manage("POST", `entities/Counter/${key}?op=add`, 5)).status, 202);
    await eventually("the signal has come", async () => (await entity(key)) === 5);
  });

  test("the durable client signals an entity and reads its state", async () => {
    const key = randomUUID();
    const id = { entity: ["counter", key] };
    assert.deepEqual(await client("readEntityState", id), { value: { entityExists: false } });
    assert.deepEqual(await client("signalEntity", id, "add", 2), { value: null });
    await eventually("the signal has come", async () => (await entity(key)) === 2);
    assert.deepEqual(await client("readEntityState", id), { value: { entityExists: true, entityState: 2 } });
  });
}
