import assert from "node:assert/strict";
import { test } from "node:test";
import * as df from "durable-functions";
import { entityOf } from "../../../functions/durable/entity.ts";
import { installFunctionsCore } from "../../../local/functions-host/app/functions-core.ts";

// The entity as the SDK registers it, given what a host gives it: a batch of operations, and the
// state as text.

const { functions } = installFunctionsCore(() => {});
const operations = {
  add: (sum: number, input: { by: number }) => sum + input.by,
  refuse: () => {
    throw new Error("no");
  },
};
df.app.entity(
  "counter",
  entityOf(0, operations, (sum: number, input: { by: number } | undefined) => ({ sum, added: input?.by ?? null })),
);

interface Ran {
  readonly entityExists: boolean;
  readonly entityState?: string;
  readonly results: readonly { readonly isError: boolean; readonly result?: string }[];
}
const logged: unknown[] = [];
async function run(state: string | null, ...batch: readonly (readonly [name: string, input: unknown])[]): Promise<Ran> {
  const trigger = {
    self: { name: "counter", key: "k" },
    exists: state !== null,
    state,
    batch: batch.map(([name, input]) => ({ name, input: input === undefined ? null : JSON.stringify(input), isSignal: false })),
  };
  return (await functions[0]?.callback(trigger, { info: (line: string) => logged.push(JSON.parse(line)) })) as Ran;
}
const answers = ({ results }: Ran) => results.map(({ isError, result }) => (isError ? "error" : JSON.parse(String(result))));

test("each operation of a batch sees the state that the one before left, and is answered in turn", async () => {
  const ran = await run(null, ["add", { by: 2 }], ["add", { by: 3 }]);
  assert.deepEqual(answers(ran), [
    { sum: 2, added: 2 },
    { sum: 5, added: 3 },
  ]);
  assert.deepEqual([ran.entityExists, ran.entityState], [true, "5"]);
});

test("it goes on from the stored state", async () => {
  assert.equal((await run("5", ["add", { by: 1 }])).entityState, "6");
});

test("an entity that is back at its initial state is removed, and its last caller is answered all the same", async () => {
  const ran = await run("5", ["add", { by: -5 }]);
  assert.deepEqual(answers(ran), [{ sum: 0, added: -5 }]);
  assert.deepEqual([ran.entityExists, ran.entityState], [false, undefined]);
  const again = await run("5", ["add", { by: -5 }], ["add", { by: 7 }]);
  assert.deepEqual([again.entityExists, again.entityState], [true, "7"]);
});

test("an operation that nobody knows and one that throws are errors to their caller, and leave the state as it was", async () => {
  const ran = await run("5", ["subtract", { by: 1 }], ["constructor", undefined], ["refuse", undefined], ["add", { by: 1 }]);
  assert.deepEqual(answers(ran), ["error", "error", "error", { sum: 6, added: 1 }]);
  assert.deepEqual([ran.entityExists, ran.entityState], [true, "6"]);
  assert.deepEqual(logged, [
    { step: "entityFailed", entity: "counter", key: "k", operation: "subtract", error: "Error" },
    { step: "entityFailed", entity: "counter", key: "k", operation: "constructor", error: "Error" },
    { step: "entityFailed", entity: "counter", key: "k", operation: "refuse", error: "Error" },
  ]);
});

test("a store that kept an empty state is a new beginning", async () => {
  assert.equal((await run("null", ["add", { by: 1 }])).entityState, "1");
});
