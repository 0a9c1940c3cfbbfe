import assert from "node:assert/strict";
import { test } from "node:test";
import { completionExamples } from "../../../schemas/completion-examples.ts";
import type { CompletionData } from "../../../shared/contract/completion.ts";
import { composeCompletion } from "../../../shared/contract/compose.ts";

// A diff has the values of the request in full. Only if the event gets too large they are cut.

function dataOf(diff: CompletionData["diff"]): CompletionData {
  const { ticket: _, ...data } = completionExamples().succeeded.data as unknown as CompletionData & { ticket: unknown };
  return { ...data, diff };
}
const composed = (diff: CompletionData["diff"]) =>
  composeCompletion({ id: "1", target: null, traceparent: null, ticket: null, replySessionId: null, data: dataOf(diff) }).event.data;
const rules = (length: number) => Array.from({ length }, (_, index) => ({ id: `/gateway/natRules/${"n".repeat(200)}${index}` }));
const added = (target: string, after: unknown) => ({ target, change: "add" as const, before: null, after });

test("the longest lists that the contract allows are in the diff in full", () => {
  const ranges = Array.from({ length: 64 }, (_, index) => `10.${index}.0.0/16`);
  const diff = [
    added("/properties/vpnLinkConnections/l/properties/egressNatRules", rules(100)),
    added("/properties/trafficSelectorPolicies", Array(64).fill({ localAddressRanges: ranges, remoteAddressRanges: ["10.0.0.0/8"] })),
  ];
  assert.deepEqual(composed(diff).diff, diff);
});

test("values that do not fit are cut, then left out, and a warning says so", () => {
  const lists = (count: number) => Array.from({ length: count }, (_, index) => added(`/${index}`, rules(100)));
  const shorter = composed(lists(12));
  assert.match(shorter.warnings[0]?.message ?? "", / parts of the values of the differences\.$/);
  assert.deepEqual(shorter.diff?.[11]?.after, [...rules(50), "…"]);
  const without = composed(lists(40));
  assert.match(without.warnings[0]?.message ?? "", / the values of the differences\.$/);
  assert.equal(without.diff?.length, 40);
});
