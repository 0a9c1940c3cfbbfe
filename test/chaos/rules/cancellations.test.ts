import { at, event, good, put, sent, withLooks } from "../hand-made.ts";
import type { Received, Sent, Trace } from "../trace.ts";
import { judge } from "./judged.ts";

const stop = sent("stop", { asks: "cancel", cancels: { source: "/a", id: "one" } });
const of = (received: readonly Received[], more: Partial<Trace> = {}, messages: readonly Sent[] = [sent("one"), stop]): Trace =>
  withLooks({ ...good, sent: messages, received, calls: [], waiting: [], ...more });
/** A request that goes on for long. */
const long = (told: Parameters<typeof event>[1] = {}) => event("one", { completed: 810, at: 811, ...told });
const calls = [put("one", 5, 800)];
const refused = (code: string, more: Parameters<typeof event>[1] = {}) =>
  event("stop", { outcome: "Rejected", code, granted: null, completed: 820, at: 821, ...more });
const stopped = event("stop", { change: null });
const cancelled = event("one", { outcome: "Cancelled", code: "RequestCancelled" });

judge(
  ["a request that was stopped", of([cancelled, stopped])],
  [
    "a request that was stopped while Azure worked on it",
    of([event("one", { outcome: "Cancelled", code: "RequestCancelled", armState: "Updating" }), stopped], { calls }),
  ],
  [
    "a cancellation that stopped nothing and says so, and might have",
    of([long(), refused("RequestFinished")], { calls }),
    /it began at .*02\.000Z, and request \/a one went on until .*, to end as Succeeded/,
  ],
  ["a cancellation that came when the request was nearly over", of([long(), refused("RequestFinished", { started: 700 })], { calls })],
  ["a cancellation while the host was away", of([long(), refused("RequestFinished")], { calls, away: [{ from: at(3), to: at(400) }] })],
  [
    "a cancellation of a request that was terminated",
    of([event("one", { outcome: "Failed", code: "Interrupted", granted: null, completed: 810 }), refused("RequestFinished")], {
      terminated: [{ instanceId: "vpn-one", at: at(800) }],
    }),
  ],
  [
    "a cancellation that says Succeeded, although the request failed",
    of([event("one", { outcome: "Failed", code: "RequestRefused" }), stopped]),
    /says that it stopped request \/a one, which ended as Failed/,
  ],
  [
    "a cancellation that says nothing was stopped, although it was",
    of([cancelled, refused("RequestFinished")]),
    /ended as RequestFinished, and request \/a one ended as Cancelled/,
  ],
  [
    "a cancellation that was terminated",
    of([cancelled, event("stop", { outcome: "Failed", code: "Interrupted" })], { terminated: [{ instanceId: "vpn-stop", at: at(50) }] }),
  ],
  ["a request that nobody cancelled", of([cancelled], {}, [sent("one")]), /Request \/a one ended as Cancelled, and nobody cancelled it/],
  [
    "an unknown request that had begun",
    of([long(), refused("RequestUnknown")], { calls }),
    /ended as RequestUnknown, and request \/a one had begun at/,
  ],
  [
    "an unknown request that came later",
    of([long({ started: 790, granted: 795 }), refused("RequestUnknown", { completed: 302 })], { calls: [put("one", 796, 800)] }),
  ],
  [
    "a request that was cancelled long before it came, and wrote all the same",
    forestalled(100),
    /request \/a one at .*, and that one still sent a PUT/,
  ],
  ["a request that was cancelled when it came", forestalled(50)],
  ["a request that was cancelled long before it came, on a machine that is far behind", forestalled(100, {}, { enqueued: 60 })],
  ["a request that was cancelled long before it came, but the host was killed", forestalled(100, { killed: [at(3)] })],
  ["a request that never came and was stopped", of([stopped], {}, [stop]), /ended as Succeeded, and its request never came/],
  ["a request that never came", of([refused("RequestUnknown")], {}, [stop])],
);

/** A cancellation that began at 2 s, and its request that began later. */
function forestalled(started: number, more: Partial<Trace> = {}, { enqueued = started - 1 } = {}): Trace {
  const told = { enqueued, started, granted: started + 1, completed: started + 10, at: started + 11, armState: "Updating" };
  const stoppedLater = event("stop", { change: null, granted: null, completed: started + 12, at: started + 13 });
  const calls = [put("one", started + 5, started + 50)];
  return of([event("one", { outcome: "Cancelled", code: "RequestCancelled", ...told }), stoppedLater], { calls, ...more });
}
