import { at, event, good, look, put, sent, wishOf } from "../hand-made.ts";
import type { Call, Trace } from "../trace.ts";
import { judge } from "./judged.ts";

const bodyWith = (key: string) => ({ of: "both", properties: { vpnLinkConnections: [{ properties: { sharedKey: key } }] } });
const resource = { of: "both", properties: { provisioningState: "Succeeded", vpnLinkConnections: [{ properties: {} }] } };
const asking = (id: string, key: string, seconds: number) =>
  sent(id, { at: at(seconds), carriesKey: true, wish: wishOf(id, { connection: bodyWith(key) }) });
const seen = { status: 200, states: ["Succeeded"] };

/** A request sets a key, and a second one finds it unchanged. */
const unchangedAfter = (first: Partial<Call>, asked = "right"): Trace => ({
  ...good,
  sent: [asking("one", "right", 0), asking("two", asked, 1)],
  received: [
    event("one", { completed: 20, more: { resource } }),
    event("two", { enqueued: 2, granted: 21, change: "Unchanged", more: { resource } }),
  ],
  calls: [look("one", 4), put("one", 5, 15, { body: bodyWith("right"), ...first }), look("two", 25, seen)],
  waiting: [],
});
const failed = { id: "x", endsAt: at(15), status: "Failed" };

judge(
  ["Unchanged with the key of the last PUT", unchangedAfter({})],
  ["Unchanged with another key", unchangedAfter({}, "wrong"), /Request \/a two ended as Unchanged .* the last PUT, at .*, had another key/],
  ["Unchanged with a key whose PUT failed", unchangedAfter({ operation: failed }), /the last PUT, at .*, has failed/],
  ["Unchanged with a key that nobody has set", { ...unchangedAfter({}), calls: [look("two", 25, seen)] }, /nobody has set its key/],
);
