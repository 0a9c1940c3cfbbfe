import { at, event, good, put, sent, wishOf, withLooks } from "../hand-made.ts";
import type { Call, Received, Trace } from "../trace.ts";
import { judge } from "./judged.ts";

const of = (received: readonly Received[], calls: readonly Call[], more: Partial<Trace> = {}): Trace =>
  withLooks({ ...good, sent: [sent("older"), sent("newer", { at: at(1) })], received, calls, waiting: [], ...more });
const newer = (told: object = {}) => event("newer", { enqueued: 2, granted: 3, completed: 20, ...told });
const older = (told: object = {}) => event("older", { enqueued: 1, granted: 21, ...told });
const another = wishOf("older").id.replace(/c$/, "d");
const tooLate = older({ outcome: "Rejected", code: "Superseded", granted: null });

judge(
  [
    "an older request that wrote after a newer one",
    of([newer(), older()], [put("newer", 5, 15), put("older", 30, 50)]),
    /Request \/a older \(.*01\.000Z\) wrote .* after the newer request \/a newer \(.*02\.000Z\) had/,
  ],
  [
    "an older request that wrote after a newer one had failed in Azure",
    of(
      [newer({ outcome: "Failed", code: "OperationFailed" }), older()],
      [put("newer", 5, 15, { operation: { id: "x", endsAt: at(15), status: "Failed" } }), put("older", 30, 50)],
    ),
    /wrote .* after the newer request/,
  ],
  ["an older request that was told so", of([newer(), tooLate], [put("newer", 5, 15)])],
  ["an older request that was told so after a newer one had found all as wanted", of([newer({ change: "Unchanged" }), tooLate], [])],
  [
    "an older request that was told so after a newer one was terminated",
    of([newer({ outcome: "Failed", code: "Interrupted", granted: null }), tooLate], [], {
      terminated: [{ instanceId: "vpn-newer", at: at(10) }],
    }),
  ],
  [
    "an older request that wrote after a newer one was refused",
    of([newer({ outcome: "Failed", code: "RequestRefused" }), older()], [put("newer", 5, null), put("older", 30, 50)]),
  ],
  [
    "an older request that wrote another connection",
    of([newer(), older({ envelope: { subject: another } })], [put("newer", 5, 15), put("older", 30, 50, { url: another })], {
      sent: [sent("older", { wish: wishOf("older", { id: another }) }), sent("newer", { at: at(1) })],
    }),
  ],
  [
    "requests in their order",
    of([older({ granted: 3, completed: 20 }), newer({ granted: 21, completed: 60 })], [put("older", 5, 15), put("newer", 30, 50)]),
  ],
  [
    "a PUT that was on its way when the older request was terminated",
    of([newer(), older({ outcome: "Failed", code: "Interrupted", granted: null })], [put("newer", 5, 15), put("older", 16, 18)], {
      terminated: [{ instanceId: "vpn-older", at: at(4) }],
    }),
  ],
  [
    "Superseded by nothing",
    of([newer({ outcome: "Failed", code: "RequestRefused" }), tooLate], [put("newer", 5, null)]),
    /Request \/a older ended as Superseded, and no newer request has changed/,
  ],
  [
    "Superseded by an older one",
    of([older({ granted: 3, completed: 20 }), newer({ outcome: "Rejected", code: "Superseded", granted: null })], [put("older", 5, 15)]),
    /Request \/a newer ended as Superseded/,
  ],
);
