import { event, good, put, sent, wishOf, withLooks } from "../hand-made.ts";
import type { Received, Sent, Trace } from "../trace.ts";
import { judge } from "./judged.ts";

const answered = (message: Partial<Sent>, ...received: Received[]): Trace =>
  withLooks({ ...good, sent: [sent("one", message)], received, calls: [put("one", 5, 15)], waiting: [] });
const told = (more: Parameters<typeof event>[1] = {}) => event("one", { completed: 20, at: 21, ...more });
const { properties } = told();
const { gateway: _, ...anonymous } = properties;
const rejected = told({
  outcome: "Rejected",
  code: "InvalidRequest",
  granted: null,
  envelope: { subject: undefined },
  message: { properties: { ...anonymous, outcome: "Rejected", problemCode: "InvalidRequest", change: undefined } },
});

judge(
  [
    "a property that is missing",
    answered({}, told({ message: { properties: { ...properties, change: undefined } } })),
    /not those of its event: change/,
  ],
  [
    "a gateway in the properties that is another",
    answered({}, told({ message: { properties: { ...properties, gateway: "x" } } })),
    /not those of its event: gateway/,
  ],
  ["a property that nobody knows", answered({}, told({ message: { properties: { ...properties, more: 1 } } }))],
  ["another correlation id", answered({}, told({ message: { correlationId: "x" } })), /properties that are not those of its event/],
  [
    "another content type",
    answered({}, told({ message: { contentType: "application/json" } })),
    /Message vpn-one\.completed is application\/json/,
  ],
  ["another type of event", answered({}, told({ envelope: { type: "x" } })), /has an envelope that is not the contract's/],
  ["another time than that of the outcome", answered({}, told({ envelope: { time: "2026-01-01T00:00:00Z" } })), /has an envelope/],
  ["a change of nobody knows what", answered({}, told({ envelope: { subject: undefined } })), /has an envelope/],
  ["a rejection of nobody knows what", { ...answered({ wish: wishOf("one", { invalid: true }) }, rejected), calls: [] }],
  ["the trace context of the request", answered({ traceparent: "00-1" }, told({ envelope: { traceparent: "00-1" } }))],
  ["another trace context", answered({ traceparent: "00-1" }, told({ envelope: { traceparent: "00-2" } })), /has an envelope/],
  ["a trace context where the request has none", answered({}, told({ envelope: { traceparent: "00-2" } }))],
  [
    "a creation with differences",
    answered({}, told({ more: { diff: [] } })),
    /Event vpn-one\.completed says Succeeded Created , which do not go together/,
  ],
  ["a success that says Updating", answered({}, told({ armState: "Updating" })), /says Succeeded , and Updating of the connection/],
  ["a success with a problem", answered({}, told({ code: "GatewayBusy" })), /says Succeeded Created GatewayBusy, which do not go together/],
  [
    "a failure that is called a rejection",
    answered({}, told({ outcome: "Rejected", code: "OperationFailed" })),
    /says Rejected null OperationFailed/,
  ],
  [
    "a ticket in other words",
    answered({ ticket: '{"payload":"first","number":9007199254740993}' }, told()),
    /has another ticket than its request/,
  ],
  ["an answer on the session that was asked for", answered({ replyTo: "s" }, told({ session: "s" }))],
  ["an answer on no session", answered({ replyTo: "s" }, told()), /is on no session, which nobody asked for/],
  ["an answer on a session of somebody else", answered({}, told({ session: "s" })), /is on session s, which nobody asked for/],
  ["a session without its mark", answered({ replyTo: "s" }, told({ message: { sessionId: "s" } })), /has the property reply undefined/],
);
