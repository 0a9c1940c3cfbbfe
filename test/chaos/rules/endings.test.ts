import { at, event, good, put, sent, wishOf, withLooks } from "../hand-made.ts";
import type { Ending, Trace, Wished } from "../trace.ts";
import { judge } from "./judged.ts";

/** One request, by what it asked for and how it ended. */
function of(told: Parameters<typeof event>[1], wish: Partial<Wished> = {}, more: Partial<Trace> = {}): Trace {
  return withLooks({
    ...good,
    sent: [sent("one", { wish: wishOf("one", wish) })],
    received: [event("one", told)],
    calls: [],
    waiting: [],
    ...more,
  });
}
const failed = (code: string, more: Parameters<typeof event>[1] = {}) => ({ outcome: "Failed", code, ...more });
const rejected = { outcome: "Rejected", code: "InvalidRequest", granted: null };
const expecting = (mustEnd: Ending, told: Parameters<typeof event>[1] = {}) => {
  const attempts = [{ at: new Date(at(5)).toISOString(), action: "put", status: 201, retryAfterSeconds: null }];
  const trace = of({ completed: 20, attempts, operationId: "operation-one-5", ...told }, {}, { calls: [put("one", 5, 15)] });
  return { ...trace, sent: trace.sent.map((message) => ({ ...message, mustEnd })) };
};
const withStatus = (status: number, trace: Trace): Trace => ({
  ...trace,
  calls: trace.calls.map((call) => (call.method === "PUT" ? { ...call, status } : call)),
});
const updated = (target: string) => ({ change: "Updated", more: { diff: [{ target }] } });
const waiting = [{ instanceId: "vpn-one", since: at(2) }];

judge(
  ["the end that was expected", expecting({ outcome: "Succeeded", change: "Created" })],
  [
    "another change than was expected",
    expecting({ outcome: "Succeeded", change: "Unchanged" }),
    /came when all was quiet, and ended as Succeeded Created instead of Succeeded Unchanged/,
  ],
  [
    "another problem than was expected",
    expecting({ outcome: "Failed", code: "OperationFailed" }, failed("ServiceUnavailable", { completed: 5000 })),
    /ended as Failed ServiceUnavailable instead of Failed OperationFailed/,
  ],
  [
    "another change than was expected, on a stack that is far behind",
    expecting({ outcome: "Succeeded", change: "Unchanged" }, { enqueued: 1, started: 110, granted: 111, completed: 112 }),
  ],
  ["the differences that were expected", withStatus(200, expecting({ outcome: "Succeeded", differs: ["weight"] }, updated("/a/weight")))],
  [
    "another difference than was expected",
    expecting({ outcome: "Succeeded", differs: ["weight"] }, updated("/a/bandwidth")),
    /came when all was quiet, and names as different: bandwidth, instead of: weight/,
  ],
  ["an instance that ended by itself", of(failed("Interrupted", { granted: null })), /ended as Interrupted, and nobody ended it/],
  ["an instance that was ended", of(failed("Interrupted", { granted: null }), {}, { terminated: [{ instanceId: "vpn-one", at: at(5) }] })],
  [
    "an answer of the sweep that was ended itself",
    of(failed("Interrupted", { granted: null }), {}, { terminated: [{ instanceId: "vpn-one.answer", at: at(5) }] }),
  ],
  [
    "a connection that vanished, though nobody deleted it",
    of(failed("ResourceVanished")),
    /ended as ResourceVanished, for which there is no cause/,
  ],
  ["a valid request that was rejected", of(rejected), /was rejected as invalid, and is not/],
  ["an invalid request that was rejected", of(rejected, { invalid: true })],
  [
    "an invalid request that was not",
    of(failed("RequestRefused"), { invalid: true }),
    /breaks the contract, and ended as Failed RequestRefused/,
  ],
  ["a busy gateway, given up at once", of(failed("GatewayBusy")), /ended as GatewayBusy at .*, too early after/],
  ["a busy gateway, given up at the deadline", of(failed("GatewayBusy", { completed: 270 }), { deadlineMinutes: 5 })],
  ["a service that is away, given up at once", of(failed("ServiceUnavailable")), /ended as ServiceUnavailable at .*, too early/],
  ["a service that is away, given up after a quarter of an hour", of(failed("ServiceUnavailable", { completed: 890 }))],
  ["a deadline that had not passed", of(failed("OperationDeadlineExceeded")), /too early after/],
  [
    "a deadline of somebody who never had the gateway",
    of(failed("OperationDeadlineExceeded", { granted: null })),
    /too early after no leaseGrantedAt/,
  ],
  ["a deadline that had passed", of(failed("OperationDeadlineExceeded", { completed: 303 }), { deadlineMinutes: 5 })],
  ["a queue deadline that had not passed", of(failed("QueueDeadlineExceeded", { granted: null })), /too early/],
  [
    "a queue deadline that had passed",
    of(failed("QueueDeadlineExceeded", { granted: null, completed: 61 }), { queueDeadlineMinutes: 1 }, { waiting }),
  ],
  [
    "an answer long after its deadline",
    of({ completed: 1000, at: 1001 }, { deadlineMinutes: 5 }, { calls: [put("one", 5, 900)] }),
    /had its gateway from .* and its answer at .*, after its deadline of 5 minutes/,
  ],
  [
    "an answer long after its deadline, because the host was away",
    of({ completed: 1000, at: 1001 }, { deadlineMinutes: 5 }, { calls: [put("one", 5, 900)], away: [{ from: at(100), to: at(400) }] }),
  ],
  [
    "an answer long after its deadline, on a stack that is far behind",
    of({ enqueued: 1, started: 101, granted: 101, completed: 1000, at: 1001 }, { deadlineMinutes: 5 }, { calls: [put("one", 105, 900)] }),
  ],
  [
    "a grant long after the queue deadline",
    of({ granted: 500, completed: 560, at: 561 }, { queueDeadlineMinutes: 1 }, { waiting, calls: [put("one", 510, 550)] }),
    /waited from .* to .* for its gateway, longer than 1 minutes/,
  ],
  ["a plan that waited", of({ outcome: "Planned", granted: null }, { mode: "plan" }, { waiting }), /is a plan, and waited for its gateway/],
  ["a plan", of({ outcome: "Planned", granted: null, change: "Created" }, { mode: "plan" })],
);
