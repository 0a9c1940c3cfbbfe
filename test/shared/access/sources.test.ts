import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { accessWarningsOf } from "../../../shared/access/access-warnings.ts";
import { functionNameOf } from "../../../shared/access/request-queues.ts";
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
  // What belongs to the longer prefix belongs to its queues alone.
  ["tickets", "/ticketing/emea", false],
  ["tickets", "/ticketing/emea/1", false],
  ["tickets", "/ticketing/emea2", true],
  ["emea", "/ticketing/emea/1", true],
  ["emea-too", "/ticketing/emea/1", true],
  ["emea", "/ticketing/apac", false],
  ["web", "https://portal.example/a", true],
  ["web", "https://portal.example.evil", false],
  // The source of bare bodies is its queue's, whatever the prefix.
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

test("a single queue keeps the function's name; of several each has a name of its own", () => {
  assert.equal(functionNameOf("requests.one", new Map([["requests.one", "/a"]])), "receiveRequest");
  const several = new Map([...queues, ["requests.one/x-1", ""]]);
  assert.equal(functionNameOf("requests.one/x-1", several), "receiveRequest_requests_one_x_1");
});

test("the app says when it starts what its settings leave open", () => {
  const said = (ALLOWED_TARGETS: null | Map<string, string[]>, REQUEST_QUEUES: Map<string, string>) =>
    accessWarningsOf({ ALLOWED_TARGETS, REQUEST_QUEUES }).join("\n");
  assert.equal(said(new Map(), queues), "");
  assert.equal(said(new Map(), new Map([["q", ""]])), "");
  assert.match(said(null, queues), /^ALLOWED_TARGETS is not set: every source may change every gateway/);
  assert.match(said(new Map(), new Map([...queues, ["q", ""]])), /^The queue q has no source prefix/);
});
