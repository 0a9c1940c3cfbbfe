import assert from "node:assert/strict";
import { test } from "node:test";
import { eventType, type HistoryEvent } from "../../../local/functions-host/durable/events.ts";
import { createLiveInstances } from "../../../local/functions-host/durable/live-instances.ts";
import { createSequence } from "../../../local/functions-host/durable/sequence.ts";
import type { Instance } from "../../../local/functions-host/store/instances.ts";

const instanceOf = (id: string): Instance => ({
  ...{ id, name: "any", execution: "1", status: "Running", input: "null", output: null, customStatus: null, created: 0, updated: 0 },
  ...{ sequence: createSequence(), ended: null },
});
const eventsOf = (count: number): HistoryEvent[] =>
  Array.from({ length: count }, (_, EventId) => ({ EventType: eventType.TaskScheduled, EventId, Name: "step", Input: '["large"]' }));

/** A store of instances with three events each, which counts how often it is read. */
function storeOf(ids: readonly string[]) {
  const reads: string[] = [];
  const store = {
    get: (id: string) => (ids.includes(id) ? instanceOf(id) : undefined),
    history(id: string) {
      reads.push(id);
      return eventsOf(3);
    },
  };
  return { store: store as unknown as Parameters<typeof createLiveInstances>[0], reads };
}

test("an instance is read once, and what episodes add to it is at hand, without inputs", () => {
  const { store, reads } = storeOf(["a"]);
  const live = createLiveInstances(store);
  const found = live.get("a");
  assert.ok(found);
  const after = { ...found.instance, updated: 7 };
  live.advance(found, after, eventsOf(2));
  assert.equal(live.get("a"), found);
  assert.equal(found.instance, after);
  assert.equal(found.past.length, 5);
  assert.ok(found.past.every((event) => !("Input" in event)));
  assert.deepEqual(reads, ["a"]);
});

test("who was not used for longest is forgotten first, and read again when it is needed", () => {
  const { store, reads } = storeOf(["a", "b", "c"]);
  const live = createLiveInstances(store, 8);
  const first = live.get("a");
  live.get("b");
  live.get("a");
  const last = live.get("c");
  assert.ok(first && last);
  live.advance(last, last.instance, []);
  live.get("a");
  assert.deepEqual(reads, ["a", "b", "c"], "b alone had to go");
  live.get("b");
  assert.deepEqual(reads, ["a", "b", "c", "b"]);
});

test("an episode of an instance that was forgotten meanwhile loses nothing", () => {
  const { store, reads } = storeOf(["a", "b"]);
  const live = createLiveInstances(store, 4);
  const running = live.get("a");
  const other = live.get("b");
  assert.ok(running && other);
  live.advance(other, other.instance, eventsOf(1));
  live.advance(running, running.instance, eventsOf(1));
  assert.equal(running.past.length, 4);
  live.get("a");
  assert.deepEqual(reads, ["a", "b", "a"], "it is read from the store, which has the episode");
});

test("a purged instance is gone, and one in its place is read anew", () => {
  const { store, reads } = storeOf(["a"]);
  const live = createLiveInstances(store);
  assert.equal(live.get("unknown"), undefined);
  live.get("a");
  live.forget("a");
  live.forget("a");
  live.get("a");
  assert.deepEqual(reads, ["a", "a"]);
});
