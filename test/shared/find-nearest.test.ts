import assert from "node:assert/strict";
import { test } from "node:test";
import { findNearest } from "../../shared/find-nearest.ts";

const candidates = ["sharedKey", "enableBgp", "routingWeight"];
const rows: readonly (readonly [name: string, nearest: string | undefined])[] = [
  ["sharedKye", "sharedKey"],
  ["SHAREDKEY", "sharedKey"],
  ["shaerdKy", "sharedKey"],
  ["enableBGP2", "enableBgp"],
  ["routeWeight", "routingWeight"],
  ["version", undefined],
  ["rg", undefined],
  ["", undefined],
];
for (const [name, nearest] of rows) {
  test(`nearest to ${JSON.stringify(name)} is ${nearest}`, () => assert.equal(findNearest(name, candidates), nearest));
}
