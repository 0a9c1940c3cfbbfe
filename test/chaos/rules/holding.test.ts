import { at, event, good, put, sent, wishOf, withLooks } from "../hand-made.ts";
import type { Call, Received, Trace } from "../trace.ts";
import { judge } from "./judged.ts";

const of = (received: readonly Received[], calls: readonly Call[], more: Partial<Trace> = {}): Trace =>
  withLooks({ ...good, received, calls, waiting: [], ...more });
const two = event("two", { enqueued: 2, granted: 30, completed: 55 });
const late = event("one", { outcome: "Failed", code: "OperationFailed", completed: 40 });

judge(
  [
    "a grant while another one had the gateway",
    of([late, two], [put("two", 41, 50)]),
    /Request \/a two was granted .*gateway1 at .*30\.000Z, while request \/a one had it \(.*03\.000Z to .*40\.000Z\)/,
  ],
  [
    "a grant while Azure worked for another one that had its answer",
    of([event("one", { outcome: "Cancelled", code: "RequestCancelled", completed: 10 }), two], [put("one", 5, 35), put("two", 41, 50)], {
      sent: [...good.sent, sent("stop", { asks: "cancel", cancels: { source: "/a", id: "one" } })],
    }),
    /while request \/a one had it/,
  ],
  ["a grant at the very end of another one's time", of([event("one", { completed: 30 }), two], [put("one", 5, 15), put("two", 41, 50)])],
  [
    "a grant after the end of a terminated instance",
    of([late, two], [put("two", 41, 50)], { terminated: [{ instanceId: "vpn-one", at: at(29) }] }),
  ],
  [
    "a grant of another gateway",
    of(
      [
        late,
        event("two", {
          enqueued: 2,
          granted: 30,
          completed: 55,
          envelope: { subject: "/vpnGateways/g2/vpnConnections/c" },
          message: { properties: { ...two.properties, gateway: "/vpnGateways/g2" } },
        }),
      ],
      [put("two", 41, 50, { url: "/vpnGateways/g2/vpnConnections/c" })],
      { sent: [sent("one"), sent("one"), sent("two", { wish: wishOf("two", { id: "/vpnGateways/g2/vpnConnections/c" }) })] },
    ),
  ],
);
