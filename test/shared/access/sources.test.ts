import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hasPrefix, isSourceAllowed, sourceOfQueue } from "../../../shared/access/sources.ts";

const queues = new Map([
  ["tickets", "/ticketing"],
  ["emea", "/ticketing/emea"],
  ["emea-too", "/ticketing/emea"],
  ["web", "https://portal.example"],
]);
const allowed: readonly (readonly [queue: string, source: string, allowed: boolean])[] = [
  ["tickets", "/ticketing", true],
  ["tickets", "/ticketing/servicenow", true],
  ["tickets", "/ticketing/", true],
  ["tickets", "/ticketing2", false],
  ["tickets", "/ticketing-x/servicenow", false],
  ["tickets", "/Ticketing", false],
  ["tickets", "ticketing", false],
  ["tickets", "/portal/ticketing", false],
  ["tickets", "", false],
  ["tickets", "https://portal.example", false],
  // A source below the longer prefix belongs only to the queues with that prefix.
  ["tickets", "/ticketing/emea", false],
  ["tickets", "/ticketing/emea/1", false],
  ["tickets", "/ticketing/emea2", true],
  ["emea", "/ticketing/emea/1", true],
  ["emea-too", "/ticketing/emea/1", true],
  ["emea", "/ticketing/apac", false],
  ["web", "https://portal.example/a", true],
  ["web", "https://portal.example.evil", false],
  // The source of bare bodies belongs to its queue, whatever the prefix.
  ["tickets", "/service-bus/tickets", true],
  ["tickets", "/service-bus/tickets/x", false],
  ["tickets", "/service-bus/web", false],
];
for (const [queue, source, expected] of allowed) {
  test(`${queue} ${expected ? "may" : "may not"} send for "${source}"`, () => {
    assert.equal(isSourceAllowed(source, queue, queues), expected);
  });
}

test("a queue without a prefix may send for every source that no other queue owns", () => {
  const [alone, beside] = [new Map([["q", ""]]), new Map([...queues, ["q", ""]])];
  for (const source of ["/ticketing", "/service-bus/tickets", "/service-bus/q", "x"])
    assert.equal(isSourceAllowed(source, "q", alone), true);
  for (const source of ["/service-bus/q", "x", "/ticketing2"]) assert.equal(isSourceAllowed(source, "q", beside), true);
  for (const source of ["/ticketing", "/ticketing/emea/1", "/service-bus/tickets"])
    assert.equal(isSourceAllowed(source, "q", beside), false);
  assert.deepEqual([hasPrefix("q", alone), hasPrefix("q", beside)], [false, false]);
  assert.equal(
    isSourceAllowed("/elsewhere", "tickets", new Map([...queues, ["q", ""]])),
    false,
    "an empty prefix beside it changes nothing",
  );
});

test("of queues whose prefixes differ, at most one may send for a source, its own queue's source aside", () => {
  const segment = fc.constantFrom("a", "b", "ab", "a2");
  const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join("/")}`);
  fc.assert(
    fc.property(fc.uniqueArray(path, { minLength: 1, maxLength: 4 }), path, (prefixes, source) => {
      const some = new Map(prefixes.map((prefix, index) => [`q${index}`, prefix]));
      const may = [...some.keys()].filter((queue) => isSourceAllowed(source, queue, some));
      assert.ok(may.length <= 1);
      assert.equal(
        may.length === 1,
        prefixes.some((prefix) => `${source}/`.startsWith(`${prefix}/`)),
      );
      for (const queue of some.keys()) assert.ok(isSourceAllowed(sourceOfQueue(queue), queue, some));
    }),
  );
});
