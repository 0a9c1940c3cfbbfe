import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./checker.ts";
import { at, event, good, put, sent, withLooks } from "./hand-made.ts";
import type { Received, Trace } from "./trace.ts";

// The checker itself: a trace that keeps every promise has no violation, and each way of breaking
// one has.

const inQuarantine = (id: string) => ({ messageId: `${id}-m`, bodySha256: id });
const withEvents = (...received: Received[]): Trace => ({ ...good, received });
const [first, again, second] = good.received as [Received, Received, Received];

const kept: readonly (readonly [name: string, trace: Trace])[] = [
  ["two requests, one after the other", good],
  [
    "a conflict with an event of its own",
    {
      ...good,
      sent: [...good.sent, sent("one", { payload: "other", at: at(40) })],
      received: [
        ...good.received,
        event("one", { payload: "other", eventId: "vpn-one.conflict.x", outcome: "Rejected", code: "RequestIdConflict", granted: null }),
      ],
    },
  ],
  [
    "a message that nobody can read",
    {
      ...good,
      sent: [...good.sent, sent("junk", { payload: "", asks: "nonsense" })],
      received: [...good.received, event("junk", { payload: "", outcome: "Rejected", code: "UnreadableMessage", granted: null })],
      quarantined: [inQuarantine("junk"), inQuarantine("junk")],
    },
  ],
  [
    "the answer that was claimed by a terminated instance",
    {
      ...good,
      terminated: [{ instanceId: "vpn-one", at: at(50), claimed: { id: "vpn-one.completed", time: "2026-01-01T00:00:20.000Z" } }],
    },
  ],
  ["a signed URL in the history", { ...good, said: { "the management API": "signature-0123456789", "the store": "signature-0123456789" } }],
  [
    "a key that was sent again after a kill",
    {
      ...good,
      sent: [sent("one", { carriesKey: true }), sent("two")],
      calls: [put("one", 5, 7), put("one", 8, 15), put("two", 30, 50)],
      killed: [at(6)],
    },
  ],
  [
    "a PUT that was sent again after a kill, because its operation had failed meanwhile",
    {
      ...good,
      calls: [put("one", 5, 7, { operation: { id: "x", endsAt: at(7), status: "Failed" } }), put("one", 8, 15), put("two", 30, 50)],
      killed: [at(6)],
    },
  ],
  [
    "a PUT that was on its way when its instance was terminated",
    {
      ...good,
      calls: [put("one", 5, 15), put("two", 10, null)],
      terminated: [{ instanceId: "vpn-two", at: at(9) }],
      received: [first, again, event("two", { outcome: "Failed", code: "Interrupted", granted: null })],
    },
  ],
];
for (const [name, trace] of kept) test(`no violation: ${name}`, () => assert.deepEqual(check(withLooks(trace)), []));

const early = event("one", { enqueued: 1, granted: 40, completed: 60, at: 61 });
const late = event("two", { enqueued: 2, granted: 21, completed: 35, at: 36 });
const overtaken: Trace = {
  ...withEvents(early, late, event("zero", { enqueued: 0, granted: 3, completed: 20 })),
  sent: [sent("one"), sent("two"), sent("zero")],
  waiting: [{ instanceId: "vpn-one", since: at(4) }],
  calls: [put("zero", 5, 15), put("two", 22, 30), put("one", 41, 50)],
};

const broken: readonly (readonly [name: string, trace: Trace, violation: RegExp])[] = [
  ["a request without an event", withEvents(first), /\/a two \(payload first\) has no event/],
  ["a second event id", withEvents(first, second, event("one", { eventId: "vpn-other.completed" })), /\/a one .* has 2 event ids/],
  ["a second content", withEvents(first, second, event("one", { more: { warnings: [1] } })), /vpn-one\.completed has 2 contents/],
  [
    "another answer than the one that was claimed",
    {
      ...good,
      terminated: [{ instanceId: "vpn-one", at: at(50), claimed: { id: "vpn-one.completed", time: "2026-01-01T00:00:19.000Z" } }],
    },
    /Event vpn-one\.completed of .*20\.000Z came, although the one of .*19\.000Z was claimed/,
  ],
  ["a message id of its own", withEvents(first, second, event("one", { completed: 20, messageId: "x" })), /came under the message id x/],
  ["properties of another event", withEvents({ ...first, properties: { outcome: "Failed" } }, second), /properties that are not those/],
  ["an event that nobody asked for", withEvents(first, second, event("three")), /vpn-three\.completed answers something that nobody sent/],
  [
    "a conflict that replaced the first payload",
    {
      ...good,
      sent: [...good.sent, sent("one", { payload: "other", at: at(40) })],
      received: [
        event("one", { outcome: "Rejected", code: "RequestIdConflict", eventId: "vpn-one.conflict.x", change: null, at: 21 }),
        event("one", { payload: "other" }),
        second,
      ],
    },
    /Payload first of request \/a one was refused as a conflict before there was another one/,
  ],
  [
    "a conflict under the event id of the first",
    {
      ...good,
      sent: [...good.sent, sent("one", { payload: "other" })],
      received: [first, event("one", { payload: "other", outcome: "Rejected", code: "RequestIdConflict", change: null }), second],
    },
    /Event vpn-one\.completed answers two payloads/,
  ],
  [
    "two payloads carried out",
    {
      ...good,
      sent: [...good.sent, sent("one", { payload: "other" })],
      received: [first, event("one", { payload: "other", eventId: "vpn-one.again" }), second],
    },
    /\/a one was carried out with 2 payloads/,
  ],
  [
    "a conflict with nothing",
    withEvents(event("one", { outcome: "Rejected", code: "RequestIdConflict", change: null }), second),
    /\/a one is refused as a conflict with itself/,
  ],
  [
    "a cancellation that says more than is true",
    {
      ...good,
      sent: [...good.sent, sent("stop", { asks: "cancel", cancels: { source: "/a", id: "one" } })],
      received: [...good.received, event("stop", { change: null })],
    },
    /Cancellation \/a stop says that it stopped request \/a one, which ended as Succeeded/,
  ],
  [
    "a failure when all is quiet",
    {
      ...good,
      sent: [sent("one"), sent("two", { mustEnd: { outcome: "Succeeded" } })],
      received: [first, event("two", { outcome: "Failed", code: "GatewayBusy", change: null, enqueued: 2, granted: 21 })],
    },
    /\/a two came when all was quiet, and ended as Failed GatewayBusy/,
  ],
  [
    "nonsense that is not kept",
    { ...good, sent: [...good.sent, sent("one", { asks: "nonsense" })] },
    /one-m \(body one\) cannot be read and is not in quarantine/,
  ],
  ["sense in quarantine", { ...good, quarantined: [inQuarantine("two")] }, /two-m \(body two\) is in quarantine, although it can be read/],
  [
    "operations that overlap",
    { ...good, calls: [put("one", 5, 15), put("two", 14, 50)] },
    /A PUT of request \/a two .* while operation operation-one-5 of/,
  ],
  ["a PUT that Azure had to refuse", { ...good, calls: [...good.calls, put("two", 10, null)] }, /answered 409, while operation/],
  ["a second effective PUT", { ...good, calls: [...good.calls, put("two", 51, 59)] }, /\/a two has 2 effective PUTs/],
  [
    "a second effective PUT after a kill that has nothing to do with it",
    { ...good, calls: [...good.calls, put("two", 51, 59)], killed: [at(10)] },
    /\/a two has 2 effective PUTs/,
  ],
  [
    "a second effective PUT after a kill, although a read showed what became of the first",
    { ...good, calls: [...good.calls, put("two", 51, 59)], killed: [at(40)] },
    /\/a two has 2 effective PUTs/,
  ],
  ["a PUT of nobody", { ...good, calls: [...good.calls, put("nobody", 55, 59)] }, /correlation-nobody\) belongs to no request/],
  [
    "success before the end of the operation",
    { ...good, calls: [put("one", 5, 15), put("two", 30, 65)] },
    /says Succeeded before operation operation-two-30 ended/,
  ],
  ["success of an operation that failed", failing(), /says Succeeded, and operation x ended as Failed/],
  ["success without an operation", { ...good, calls: [put("one", 5, 15)] }, /says Created, and request \/a two has no effective PUT/],
  [
    "success with a connection that is not",
    withEvents(first, event("two", { state: "Updating", enqueued: 2, granted: 21 })),
    /shows a connection that is Updating/,
  ],
  [
    "a plan that changes something",
    { ...good, received: [first, event("two", { outcome: "Planned", change: "Created" })] },
    /says that nothing was changed, and request \/a two began operation/,
  ],
  ["an earlier request that was passed over", overtaken, /Request \/a two .* was granted .* while request \/a one .* had waited longer/],
  ["a key in the log", { ...good, said: { "the log": "… 0123456789ABCDEF …" } }, /0123456789abcdef stands in the log/],
  ["a key in base64", { ...good, said: { "the log": Buffer.from("xx0123456789abcdef…").toString("base64") } }, /stands in the log/],
  [
    "a key in an event",
    withEvents(first, again, event("two", { enqueued: 2, granted: 21, more: { note: "0123456789abcdef" } })),
    /stands in the events/,
  ],
  ["a signed URL in the log", { ...good, said: { "the log": "…h=signature-0123456789" } }, /signed signature-0123456789 stands in the log/],
  [
    "a signed URL in an event",
    withEvents(first, again, event("two", { enqueued: 2, granted: 21, more: { note: "signature-0123456789" } })),
    /signed signature-0123456789 stands in the events/,
  ],
  ["a lease that is held", { ...good, left: { ...good.left, leases: ["gateway1"] } }, /The lease of gateway1 is not free/],
  ["an instance that runs", { ...good, left: { ...good.left, instances: ["vpn-two"] } }, /Instance vpn-two has not ended/],
  ["a message that lies about", { ...good, left: { ...good.left, messages: ["two-m"] } }, /A message lies about: two-m/],
  ["a process that is left", { ...good, left: { ...good.left, processes: ["42 node"] } }, /A process is left: 42 node/],
];
function failing(): Trace {
  return { ...good, calls: [put("one", 5, 15), put("two", 30, 50, { operation: { id: "x", endsAt: at(50), status: "Failed" } })] };
}
for (const [name, trace, violation] of broken) {
  test(`a violation: ${name}`, () => {
    const found = check(withLooks(trace));
    assert.ok(
      found.some((sentence) => violation.test(sentence)),
      `found: ${found.join(" ")}`,
    );
  });
}

const exempt: readonly (readonly [name: string, trace: Trace])[] = [
  [
    "was cancelled",
    { ...overtaken, received: [event("one", { outcome: "Cancelled", code: "RequestCancelled" }), late, ...overtaken.received.slice(2)] },
  ],
  [
    "was superseded, and heard of it later",
    {
      ...overtaken,
      received: [event("one", { outcome: "Rejected", code: "Superseded", granted: null }), late, ...overtaken.received.slice(2)],
    },
  ],
  ["was terminated", { ...overtaken, terminated: [{ instanceId: "vpn-one", at: at(5) }] }],
  ["may have begun to wait later", { ...overtaken, waiting: [{ instanceId: "vpn-one", since: at(20) }] }],
  ["came at the same time", { ...overtaken, received: [event("one", { enqueued: 2, granted: 40 }), late, ...overtaken.received.slice(2)] }],
];
for (const [name, trace] of exempt) {
  test(`no violation: who was passed over ${name}`, () => {
    assert.deepEqual(
      check(withLooks(trace)).filter((sentence) => sentence.includes("had waited longer")),
      [],
    );
  });
}
