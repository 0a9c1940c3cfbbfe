import { at, event, good, look, put, sent, wishOf, withLooks } from "../hand-made.ts";
import type { Call, Sent, Trace } from "../trace.ts";
import { judge } from "./judged.ts";

const attempt = { at: new Date(at(5)).toISOString(), action: "put", status: 201, retryAfterSeconds: null };
const quiet: Partial<Sent> = { mustEnd: { outcome: "Succeeded" } };
const of = (message: Partial<Sent>, told: Parameters<typeof event>[1], more: Partial<Call> = {}): Trace =>
  withLooks({
    ...good,
    sent: [sent("one", message)],
    received: [event("one", { completed: 20, ...told })],
    calls: [put("one", 5, 15, more)],
    waiting: [],
  });
const warned = wishOf("one", { warns: ["Weak"] });
const interrupted = { outcome: "Failed", code: "Interrupted", started: null, granted: null, completed: 0.5, armState: "Unknown" };
const swept: Trace = { ...of({}, interrupted), terminated: [{ instanceId: "vpn-one", at: at(6) }] };
const twice = (): Trace => {
  const trace = of({}, {});
  return { ...trace, sent: [...trace.sent, sent("one", { at: at(70) })] };
};
const showing = (shows: object): Trace => {
  const trace = of({}, {});
  return { ...trace, calls: [...trace.calls, look("one", 16, { status: 200, shows })] };
};

judge(
  ["the operation that was begun", of(quiet, { attempts: [attempt], operationId: "operation-one-5" })],
  ["another operation", of({}, { operationId: "x" }), /names operation x, which request \/a one did not begin/],
  ["no operation", of(quiet, { attempts: [attempt] }), /names no operation, and request \/a one was told of operation-one-5/],
  ["no operation where the answer was lost", of(quiet, { attempts: [{ ...attempt, status: null }] })],
  ["no PUT among the calls", of(quiet, { operationId: "operation-one-5" }), /tells of 0 PUTs, and request \/a one sent 1/],
  ["a message that was received before it was sent", of({ at: at(4) }, {}), /was received at .*01\.000Z, and it was sent at .*04\.000Z/],
  ["a message that was sent once more after its answer", twice()],
  ["an outcome before the grant", of({}, { granted: 21 }), /tells steps that are not in their order/],
  ["an outcome of the sweep, which tells the app's time", swept],
  ["a warning that is left out", of({ wish: warned }, {}), /Event vpn-one\.completed of request \/a one does not warn of Weak/],
  ["a warning among others", of({ wish: warned }, { more: { warnings: [{ code: "Other" }, { code: "Weak" }] } })],
  ["a connection as Azure shows it", showing({ of: "one", properties: { provisioningState: "Succeeded" } })],
  [
    "a connection with a field less than Azure shows",
    showing({ of: "one", etag: "W/1", properties: { provisioningState: "Succeeded" } }),
    /Event vpn-one\.completed shows a connection that Azure has not shown like this/,
  ],
  ["another version of the service", of({}, {}, { apiVersion: "2025-01-01" }), /sent a PUT at .* with the version 2025-01-01 instead of/],
  ["no PUT among the calls of a request that was disturbed", of({}, { operationId: "operation-one-5" })],
);
