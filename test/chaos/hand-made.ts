import type { Call, Received, Sent, Trace } from "./trace.ts";

// Traces made by hand.

/** A time of a trace, in seconds after its beginning. */
export const at = (seconds: number) => Date.UTC(2026, 0, 1) + seconds * 1000;
const time = (seconds: number | null) => (seconds === null ? null : new Date(at(seconds)).toISOString());
const gateway = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/vpnGateways/gateway1";

/** A request for gateway1, as sent. */
export function sent(id: string, more: Partial<Sent> = {}): Sent {
  const message = { messageId: `${id}-m`, bodySha256: id, asks: "change", carriesKey: false } as const;
  return { at: at(0), source: "/a", id, payload: "first", ...message, ...more };
}

interface Told {
  readonly eventId?: string;
  readonly messageId?: string;
  readonly payload?: string;
  readonly at?: number;
  readonly outcome?: string;
  readonly change?: string | null;
  readonly code?: string | null;
  readonly state?: string;
  readonly enqueued?: number;
  readonly granted?: number | null;
  readonly completed?: number;
  readonly more?: object;
}
/** The answer to a request; without more it succeeded. */
export function event(id: string, told: Told = {}): Received {
  const { outcome = "Succeeded", code = null, eventId = `vpn-${id}.completed`, payload = "first" } = told;
  const data = {
    requestId: id,
    requestSource: "/a",
    outcome,
    change: told.change === undefined ? (outcome === "Succeeded" ? "Created" : null) : told.change,
    resource: { properties: { provisioningState: told.state ?? "Succeeded" } },
    problem: code === null ? null : { code },
    ticket: payload === "" ? null : { payload },
    arm: { correlationRequestId: `correlation-${id}` },
    timing: {
      receivedAt: time(told.enqueued ?? 1),
      startedAt: time(2),
      leaseGrantedAt: time(told.granted === undefined ? 3 : told.granted),
      completedAt: time(told.completed ?? 60),
    },
    ...told.more,
  };
  return {
    at: at(told.at ?? 61),
    messageId: told.messageId ?? eventId,
    correlationId: id,
    body: JSON.stringify({ id: eventId, time: time(60), data }),
    properties: { outcome, requestSource: "/a", gateway },
  };
}

/** A PUT of a request, with its operation from one second to another; refused where there is none. */
export function put(id: string, from: number, to: number | null, more: Partial<Call> = {}): Call {
  const operation = to === null ? {} : { operation: { id: `operation-${id}-${from}`, endsAt: at(to), status: "Succeeded" } };
  const url = `${gateway}/vpnConnections/c`;
  return { at: at(from), method: "PUT", url, correlationId: `correlation-${id}`, status: to === null ? 409 : 201, ...operation, ...more };
}

/** Two requests for one gateway, one after the other; the first was sent twice and answered twice. */
export const good: Trace = {
  sent: [sent("one"), sent("one"), sent("two", { at: at(1) })],
  received: [
    event("one", { completed: 20, at: 21 }),
    event("one", { completed: 20, at: 30, messageId: "vpn-one.completed.r7" }),
    event("two", { enqueued: 2, granted: 21 }),
  ],
  calls: [put("one", 5, 15), put("two", 30, 50)],
  waiting: [{ instanceId: "vpn-two", since: at(4) }],
  terminated: [],
  killed: [],
  secrets: ["0123456789abcdef"],
  said: { "the log": "nothing of importance" },
  quarantined: [],
  left: { leases: [], instances: [], messages: [], processes: [] },
};
