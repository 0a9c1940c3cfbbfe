import { at, event, good, look, put, sent, wishOf, withLooks } from "../hand-made.ts";
import type { Call, Received, Sent, Trace } from "../trace.ts";
import { judge } from "./judged.ts";

const of = (messages: readonly Sent[], received: readonly Received[], calls: readonly Call[], more: Partial<Trace> = {}): Trace => ({
  ...good,
  sent: messages,
  received,
  calls,
  waiting: [],
  ...more,
});
const one = sent("one");
const done = event("one", { completed: 20 });
const settled = { status: 200, states: ["Succeeded", "Succeeded"] };
/** A second request for what the first one has made. */
const same = sent("two", { wish: wishOf("one") });
const told = { at: new Date(at(65)).toISOString(), action: "put", status: 201, retryAfterSeconds: null };
const made = [look("one", 4), put("one", 5, 15)];
const rewritten = (read: Partial<Call>, more: Partial<Trace> = {}, body: object = { of: "one" }) =>
  of(
    [one, { ...same, wish: wishOf("one", { connection: body }) }],
    [
      done,
      event("two", {
        enqueued: 2,
        granted: 21,
        change: "Updated",
        more: { resource: { ...body, properties: { provisioningState: "Succeeded" } } },
      }),
    ],
    [...made, look("two", 25, read), put("two", 30, 50, { body, status: 200 })],
    more,
  );

judge(
  ["a PUT without a read", of([one], [done], [put("one", 5, 15)]), /Request \/a one sent a PUT at .* without having read/],
  ["a PUT after a read of another request", of([one], [done], [look("two", 4), put("one", 5, 15)]), /without having read/],
  [
    "a PUT after a read that was not answered",
    of([one], [done], [look("one", 4, { status: 503 }), put("one", 5, 15)]),
    /without having read/,
  ],
  [
    "a second PUT without a second read",
    of([one], [done], [look("one", 3), put("one", 4, null), put("one", 5, 15)]),
    /sent a PUT at .*05\.000Z without having read/,
  ],
  ["a read before each PUT", of([one], [done], [look("one", 3), put("one", 4, null), ...made])],
  [
    "a PUT that was overtaken by the read after the kill",
    of([sent("one", { carriesKey: true })], [done], [look("one", 3), look("one", 4), put("one", 5, 7), put("one", 8, 15)], {
      killed: [at(4)],
    }),
  ],
  [
    "a PUT of what was there",
    rewritten(settled),
    /Request \/a two sent a PUT at .* although its read at .* showed the connection as it is wanted/,
  ],
  ["a PUT of what was there, but not settled", rewritten({ status: 200, states: ["Succeeded", "Failed"] })],
  ["a PUT of something else than was there", rewritten(settled, {}, { of: "something else" })],
  ["a PUT of what was there, with a key", rewritten(settled, { sent: [one, { ...same, carriesKey: true }] })],
  ["a PUT after which somebody else wrote before the next", rewritten({ ...settled, at: at(4.5) })],
  [
    "a PUT of another connection",
    of([one], [done], [look("one", 4), put("one", 5, 15, { body: { of: "two" } })]),
    /of another connection than was asked for/,
  ],
  [
    "a PUT of another URL",
    withLooks(of([one], [done], [put("one", 5, 15, { url: "/vpnGateways/gateway1/vpnConnections/d" })])),
    /sent a PUT at .* of \/vpnGateways\/gateway1\/vpnConnections\/d instead of/,
  ],
  ["a PUT of the same URL in capitals", withLooks(of([one], [done], [put("one", 5, 15, { url: wishOf("one").id.toUpperCase() })]))],
  [
    "a PUT of a plan",
    withLooks(
      of(
        [sent("one", { wish: wishOf("one", { mode: "plan" }) })],
        [event("one", { outcome: "Planned", granted: null })],
        [put("one", 5, null)],
      ),
    ),
    /sent a PUT at .*, and is a plan/,
  ],
  [
    "a plan that says that it did it",
    of([sent("one", { wish: wishOf("one", { mode: "plan" }) })], [event("one", { granted: null })], []),
    /is a plan, and ended as Succeeded/,
  ],
  [
    "a change that was only planned",
    of([one], [event("one", { outcome: "Planned", granted: null })], []),
    /is no plan, and ended as Planned/,
  ],
  [
    "a PUT of a cancellation",
    withLooks(
      of([sent("one", { asks: "cancel" })], [event("one", { outcome: "Rejected", code: "RequestUnknown" })], [put("one", 5, null)]),
    ),
    /and asks for no change/,
  ],
  [
    "an update that says Created",
    of([one], [done], [look("one", 4), put("one", 5, 15, { status: 200 })]),
    /says Created, and its PUT was answered 200/,
  ],
  [
    "an update that says Created, because its host was killed in between",
    of([one], [done], [look("one", 4), put("one", 5, 15, { status: 200 })], { killed: [at(6)] }),
  ],
  [
    "a success that shows something else",
    of([one], [event("one", { completed: 20, more: { resource: { of: "two", properties: { provisioningState: "Succeeded" } } } })], made),
    /says Created and shows another connection/,
  ],
  [
    "an Unchanged that shows something else",
    of(
      [one, sent("two")],
      [
        done,
        event("two", {
          change: "Unchanged",
          enqueued: 2,
          granted: 21,
          more: { resource: { of: "one", properties: { provisioningState: "Succeeded" } } },
        }),
      ],
      made,
    ),
    /says Unchanged and shows another/,
  ],
  [
    "an Unchanged",
    of(
      [one, same],
      [
        done,
        event("two", {
          change: "Unchanged",
          enqueued: 2,
          granted: 21,
          more: { resource: { of: "ONE", extra: 1, properties: { provisioningState: "Succeeded" } } },
        }),
      ],
      made,
    ),
  ],
  [
    "an operation of a request that never had its gateway",
    of([one], [event("one", { outcome: "Cancelled", code: "RequestCancelled", granted: null }), event("stop", { change: null })], made, {
      sent: [one, sent("stop", { asks: "cancel", cancels: { source: "/a", id: "one" } })],
    }),
    /says that the gateway was never granted, and request \/a one began/,
  ],
  ["a PUT long after its instance was terminated", terminated(5), /Request \/a one was terminated at .*05\.000Z, and sent a PUT at/],
  ["a PUT that was on its way when its instance was terminated", terminated(219)],
  ["a PUT after its instance was terminated, on a stack that is far behind", terminated(5, { enqueued: 2, started: 30 })],
  [
    "a PUT that was not to be",
    withLooks(of([sent("one", { mustEnd: { outcome: "Succeeded", untouched: true } })], [done], [put("one", 5, 15)])),
    /and was to change nothing/,
  ],
  [
    "a PUT that was not to be, on a stack that is far behind",
    withLooks(
      of(
        [sent("one", { mustEnd: { outcome: "Succeeded", untouched: true } })],
        [event("one", { enqueued: 1, started: 60, granted: 61, completed: 90, at: 91, attempts: [told], operationId: "operation-one-65" })],
        [put("one", 65, 80)],
      ),
    ),
  ],
  [
    "an answer about another connection",
    of([one], [event("one", { completed: 20, envelope: { subject: "/vpnGateways/gateway1/vpnConnections/d" } })], made),
    /is about \/vpnGateways\/gateway1\/vpnConnections\/d, and request/,
  ],
  [
    "an answer that does not know of an operation that runs on",
    running(),
    /says null of the connection, and operation operation-one-5 ran on/,
  ],
  ["an answer that knows of it", running({ armState: "Updating" })],
  ["an answer that does not know of it, because the host was killed", running({}, { killed: [at(6)] })],
);

function terminated(end: number, begins: Parameters<typeof event>[1] = {}): Trace {
  const told = { outcome: "Failed", code: "Interrupted", granted: null, armState: "Unknown", completed: 240, at: 241, ...begins };
  const received = [event("one", told)];
  return of([one], received, [look("one", 4), put("one", 220, 230)], { terminated: [{ instanceId: "vpn-one", at: at(end) }] });
}

function running(told: Parameters<typeof event>[1] = {}, more: Partial<Trace> = {}): Trace {
  const asked = sent("one", { wish: wishOf("one", { deadlineMinutes: 5 }) });
  const late = event("one", { outcome: "Failed", code: "OperationDeadlineExceeded", completed: 305, at: 306, ...told });
  return of([asked], [late], [look("one", 4), put("one", 5, 400)], more);
}
