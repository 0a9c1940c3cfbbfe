import assert from "node:assert/strict";
import { test } from "node:test";
import {
  forgetKeys,
  type GivenKeys,
  keepKeys,
  keyDifferences,
  keyFingerprintsOf,
  type noKeys,
  recallKeys,
  sourceFingerprintsOf,
} from "../../../shared/durable/connection-keys.ts";

const ring = new Map([["k1", Buffer.alloc(32, 7)]]);
const target = { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "g", connectionName: "c" };
const upper = { subscriptionId: "S", resourceGroupName: "RG", gatewayName: "G", connectionName: "C" };
const another = { ...target, connectionName: "d" };

/** Returns the fingerprints of the keys of a request (link → key) and of its source. */
function given(source: string, keys: Record<string, string>, of = target): GivenKeys {
  return {
    keys: Object.entries(keys).map(([link, key]) => keyFingerprintsOf(of, link, key, ring)),
    source: sourceFingerprintsOf(of, source, ring),
  };
}
/** What is remembered of the connection `c` after changes with these keys, one after the other. */
function rememberedAfter(...changes: readonly GivenKeys[]) {
  return recallKeys(
    changes.reduce((known, keys) => keepKeys(known, "c", [], keys), {}),
    "C",
  );
}
const statuses = (request: GivenKeys, remembered: typeof noKeys) => keyDifferences(request, remembered).map(({ after }) => after);

test("a fingerprint belongs to its connection and link, whose letter case does not matter", () => {
  const print = (of: typeof target, link: string, key = "the-key") => keyFingerprintsOf(of, link, key, ring).prints[0];
  assert.equal(print(upper, "LINK"), print(target, "link"));
  const all = [print(target, "link"), print(target, ""), print(another, "link"), print(target, "link", "The-key")];
  assert.equal(new Set(all).size, all.length);
  assert.deepEqual(sourceFingerprintsOf(upper, "/ticketing", ring), sourceFingerprintsOf(target, "/ticketing", ring));
  assert.notDeepEqual(sourceFingerprintsOf(another, "/ticketing", ring), sourceFingerprintsOf(target, "/ticketing", ring));
});

test("only a source that has set keys learns whether a key is the current one", () => {
  const remembered = rememberedAfter(given("/ticketing", { link1: "right" }));
  assert.deepEqual(statuses(given("/ticketing", { link1: "right" }), remembered), []);
  assert.deepEqual(statuses(given("/ticketing", { link1: "wrong" }), remembered), ["changed"]);
  for (const key of ["right", "wrong"]) assert.deepEqual(statuses(given("/other", { link1: key }), remembered), ["unknown"]);

  const both = rememberedAfter(given("/ticketing", { link1: "right" }), given("/other", { link1: "new" }));
  assert.deepEqual(statuses(given("/ticketing", { link1: "new" }), both), []);
  assert.deepEqual(statuses(given("/other", { link1: "right" }), both), ["changed"]);
});

test("while a key is forgotten it is unknown; given back, it is known, and no source is added", () => {
  const known = keepKeys({}, "c", [], given("/ticketing", { link1: "right" }));
  const { keys } = recallKeys(known, "c");
  const forgotten = forgetKeys(known, "C");
  assert.deepEqual(statuses(given("/ticketing", { link1: "right" }), recallKeys(forgotten, "c")), ["unknown"]);
  assert.deepEqual(keepKeys(forgotten, "c", keys, "same"), known);
  assert.deepEqual(keepKeys(forgotten, "c", keys, "unknown"), forgotten);
  assert.deepEqual(keepKeys({}, "c", [], "same"), {}, "a connection without keys takes no place");
});

test("of more connections than a hub can have, those that were changed last are remembered", () => {
  let known = {};
  for (let nth = 0; nth < 1_005; nth++) known = keepKeys(known, `branch-${nth}`, [], given("/ticketing", { link1: "key" }));
  known = keepKeys(known, "branch-5", [], given("/ticketing", { link1: "another" }));
  known = keepKeys(known, "new", [], given("/ticketing", { link1: "key" }));
  assert.equal(Object.keys(known).length, 1_000);
  const isKnown = (name: string) => recallKeys(known, name).keys.length > 0;
  assert.deepEqual(["branch-4", "branch-5", "branch-6", "new"].map(isKnown), [false, true, false, true]);
});

test("the latest sixteen sources are remembered, each once", () => {
  const state = rememberedAfter(...Array.from({ length: 40 }, (_, nth) => given(`/source/${nth % 20}`, { link1: "key" })));
  assert.equal(state.sources.length, 16);
  assert.deepEqual(statuses(given("/source/19", { link1: "key" }), state), []);
  assert.deepEqual(statuses(given("/source/0", { link1: "key" }), state), ["unknown"]);
});

test("a link may have the name of a property of every object", () => {
  for (const link of ["constructor", "__proto__", "toString"]) {
    const request = given("/ticketing", { link1: "key" });
    const odd = { ...request, keys: [keyFingerprintsOf(target, link, "key", ring)] };
    assert.deepEqual(statuses(odd, rememberedAfter(request)), ["unknown"]);
    assert.deepEqual(statuses(odd, JSON.parse(JSON.stringify(rememberedAfter(odd)))), []);
  }
});

test("a connection may have the name of a property of every object", () => {
  for (const name of ["constructor", "__proto__", "toString"]) {
    assert.deepEqual(recallKeys({}, name).keys, []);
    const known = JSON.parse(JSON.stringify(keepKeys({}, name, [], given("/ticketing", { link1: "key" }))));
    assert.equal(recallKeys(known, name).keys.length, 1);
  }
});
