import assert from "node:assert/strict";
import { test } from "node:test";
import { completionExamples } from "../../schemas/completion-examples.ts";
import type { CompletionEvent } from "../../shared/contract/completion.ts";
import { differenceText, outcomeWords } from "../../tools/answer-text.ts";
import { durationsOf, durationTable, durationText } from "../../tools/durations.ts";

// Answers in words.

const link = "/properties/vpnLinkConnections/link1";
type Difference = Parameters<typeof differenceText>[0];
const changes: readonly (readonly [target: string, change: Difference["change"], before: unknown, after: unknown, text: string])[] = [
  ["/properties/enableInternetSecurity", "set", false, true, "enableInternetSecurity: false → true"],
  [`${link}/properties/routingWeight`, "set", 10, 20, "link link1, routingWeight: 10 → 20"],
  [`${link}/properties/routingWeight`, "add", null, 20, "link link1, routingWeight: 20 (new)"],
  [
    `${link}/properties/dpdTimeoutSeconds`,
    "reset",
    45,
    0,
    "link link1, dpdTimeoutSeconds: 45 → 0 (Azure's default, because the request leaves it out)",
  ],
  [`${link}/properties/vpnSiteLink`, "remove", { id: "/a" }, null, 'link link1, vpnSiteLink: {"id":"/a"} is removed'],
  [link, "add", null, { name: "link1" }, "link link1: is added"],
  [link, "remove", { name: "link1" }, null, "link link1: is removed"],
  [`${link}/properties/sharedKey`, "key", null, "changed", "link link1, sharedKey: the pre-shared key changes"],
  ["/properties/sharedKey", "key", null, "unknown", "sharedKey: the pre-shared key may change: it cannot be compared for this source"],
];
for (const [target, change, before, after, text] of changes) {
  test(text, () => assert.equal(differenceText({ target, change, before, after }), text));
}

const at = (second: number | null) => (second === null ? null : new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString());
function eventWith(outcome: string, code: string | null, times: readonly (number | null)[]): CompletionEvent {
  const { succeeded, rejected } = completionExamples();
  const [receivedAt, leaseGrantedAt, submittedAt, provisionedAt, completedAt] = times.map(at);
  const timing = { ...succeeded.data.timing, receivedAt, leaseGrantedAt, submittedAt, provisionedAt, completedAt };
  const problem = code === null ? null : { ...rejected.data.problem, code };
  return { ...succeeded, data: { ...succeeded.data, outcome, problem, timing } } as CompletionEvent;
}

for (const [name, outcome, code, times, text] of [
  ["a success", "Succeeded", null, [0, 2, 3, 9, 10], "2.0 s in the queue, 6.0 s in Azure, 10.0 s in all"],
  ["nothing to change", "Succeeded", null, [0, 2, null, null, 3], "2.0 s in the queue, 3.0 s in all"],
  ["a plan", "Planned", null, [0, null, null, null, 1], "1.0 s in all"],
  [
    "a deadline while Azure works",
    "Failed",
    "OperationDeadlineExceeded",
    [0, 1, 2, null, 8],
    "1.0 s in the queue, 6.0 s in Azure, 8.0 s in all",
  ],
  ["a deadline in the queue", "Failed", "QueueDeadlineExceeded", [0, null, null, null, 8], "8.0 s in the queue, 8.0 s in all"],
  ["a cancellation in the queue", "Cancelled", "RequestCancelled", [0, null, null, null, 8], "8.0 s in the queue, 8.0 s in all"],
] as const) {
  test(`the times of ${name}: ${text}`, () => assert.equal(durationText(durationsOf(eventWith(outcome, code, times))), text));
}

test("average and longest", () => {
  const durations = [
    { queue: 2, azure: 6, all: 10 },
    { queue: 4, azure: null, all: 2_000 },
  ];
  assert.deepEqual(durationTable(durations), [
    "                   average     longest",
    "  in the queue       3.0 s       4.0 s",
    "  in Azure           6.0 s       6.0 s",
    "  in all            17 min      33 min",
  ]);
});

test("an outcome in a few words", () => {
  const { succeeded, rejected } = completionExamples();
  assert.match(outcomeWords(succeeded), /^Succeeded, Created \(\d+ warnings\)$/);
  assert.equal(outcomeWords({ ...rejected, data: { ...rejected.data, warnings: [] } }), "Rejected, InvalidRequest");
});
