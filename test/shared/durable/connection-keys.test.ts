import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type GivenKeys,
  keyDifferences,
  keyFingerprintsOf,
  keyOperations,
  noKeys,
  sourceFingerprintsOf,
} from "../../../shared/durable/connection-keys.ts";
import { connectionEntityKey } from "../../../shared/durable/entity-keys.ts";

const ring = new Map([["k1", Buffer.alloc(32, 7)]]);
const target = { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "g", connectionName: "c" };
const upper = { subscriptionId: "S", resourceGroupName: "RG", gatewayName: "G", connectionName: "C" };
const another = { ...target, connectionName: "d" };

/** What a request of a source gives, by link. */
function given(source: string, keys: Record<string, string>, of = target): GivenKeys {
  return {
    keys: Object.entries(keys).map(([link, key]) => keyFingerprintsOf(of, link, key, ring)),
    source: sourceFingerprintsOf(of, source, ring),
  };
}
const statuses = (request: GivenKeys, remembered: typeof noKeys) => keyDifferences(request, remembered).map(({ after }) => after);

test("a fingerprint belongs to its connection and link, whose letter case does not matter", () => {
  const print = (of: typeof target, link: string, key = "the-key") => keyFingerprintsOf(of, link, key, ring).prints[0];
  assert.equal(print(upper, "LINK"), print(target, "link"));
  assert.equal(connectionEntityKey(upper), connectionEntityKey(target));
  const all = [print(target, "link"), print(target, ""), print(another, "link"), print(target, "link", "The-key")];
  assert.equal(new Set(all).size, all.length);
  assert.deepEqual(sourceFingerprintsOf(upper, "/ticketing", ring), sourceFingerprintsOf(target, "/ticketing", ring));
  assert.notDeepEqual(sourceFingerprintsOf(another, "/ticketing", ring), sourceFingerprintsOf(target, "/ticketing", ring));
});

test("only a source whose keys the connection has taken learns whether a key is the present one", () => {
  const remembered = keyOperations.remember(noKeys, given("/ticketing", { link1: "right" }));
  assert.deepEqual(statuses(given("/ticketing", { link1: "right" }), remembered), []);
  assert.deepEqual(statuses(given("/ticketing", { link1: "wrong" }), remembered), ["changed"]);
  for (const key of ["right", "wrong"]) assert.deepEqual(statuses(given("/other", { link1: key }), remembered), ["unknown"]);

  const both = keyOperations.remember(keyOperations.take(remembered), given("/other", { link1: "new" }));
  assert.deepEqual(statuses(given("/ticketing", { link1: "new" }), both), []);
  assert.deepEqual(statuses(given("/other", { link1: "right" }), both), ["changed"]);
});

test("while a change is under way nothing is known; a request that changed nothing puts it back, and makes nobody known", () => {
  const remembered = keyOperations.remember(noKeys, given("/ticketing", { link1: "right" }));
  const taken = keyOperations.take(remembered);
  assert.deepEqual(statuses(given("/ticketing", { link1: "right" }), taken), ["unknown"]);
  assert.deepEqual(keyOperations.restore(taken, remembered), remembered);
  assert.deepEqual(keyOperations.recall(remembered), remembered);
});

test("the last sixteen sources are remembered, each once", () => {
  let state = noKeys;
  for (let nth = 0; nth < 40; nth++) state = keyOperations.remember(state, given(`/source/${nth % 20}`, { link1: "key" }));
  assert.equal(state.sources.length, 16);
  assert.deepEqual(statuses(given("/source/19", { link1: "key" }), state), []);
  assert.deepEqual(statuses(given("/source/0", { link1: "key" }), state), ["unknown"]);
});

test("links may be called what every object has", () => {
  for (const link of ["constructor", "__proto__", "toString"]) {
    const request = given("/ticketing", { link1: "key" });
    const odd = { ...request, keys: [keyFingerprintsOf(target, link, "key", ring)] };
    assert.deepEqual(statuses(odd, keyOperations.remember(noKeys, request)), ["unknown"]);
    assert.deepEqual(statuses(odd, JSON.parse(JSON.stringify(keyOperations.remember(noKeys, odd)))), []);
  }
});
