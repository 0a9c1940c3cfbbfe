import type { Attempt } from "./events.ts";
import type { Call, Received, Sent, Trace, Wished } from "./trace.ts";

// Traces made by hand.

/** A time of a trace, in seconds after its beginning. */
export const at = (seconds: number) => Date.UTC(2026, 0, 1) + seconds * 1000;
const time = (seconds: number | null) => (seconds === null ? null : new Date(at(seconds)).toISOString());
const envelope = {
  specversion: "1.0",
  type: "vpn-connection.provision.completed.v1",
  source: "/vpn-connection-provisioner",
  datacontenttype: "application/json",
};
const gateway = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/vpnGateways/gateway1";
const apiVersion = "2024-03-01";
const connection = `${gateway}/vpnConnections/c`;

/** What a request asks for: each request for something of its own. */
export function wishOf(id: string, more: Partial<Wished> = {}): Wished {
  return { id: connection, connection: { of: id }, mode: "apply", deadlineMinutes: 60, queueDeadlineMinutes: 60, ...more };
}

/** A request for gateway1, as sent. */
export function sent(id: string, more: Partial<Sent> = {}): Sent {
  const message = { messageId: `${id}-m`, bodySha256: id, asks: "change", carriesKey: false } as const;
  const payload = more.payload ?? "first";
  const wished = (more.asks ?? "change") === "change" ? { wish: wishOf(id) } : {};
  return {
    at: at(0),
    source: "/a",
    id,
    payload,
    ...message,
    ...wished,
    ...(payload === "" ? {} : { ticket: JSON.stringify({ payload }) }),
    ...more,
  };
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
  readonly started?: number | null;
  readonly granted?: number | null;
  readonly completed?: number;
  /** What stands in its data besides. */
  readonly more?: object;
  readonly armState?: string;
  readonly attempts?: readonly Attempt[];
  readonly operationId?: string;
  readonly envelope?: object;
  readonly session?: string;
  /** What its message is like besides. */
  readonly message?: Partial<Received>;
}
/** The answer to a request; without more it succeeded. */
export function event(id: string, told: Told = {}): Received {
  const { outcome = "Succeeded", code = null, eventId = `vpn-${id}.completed`, payload = "first" } = told;
  const data = {
    requestId: id,
    requestSource: "/a",
    outcome,
    change: told.change === undefined ? (outcome === "Succeeded" ? "Created" : null) : told.change,
    resource:
      outcome === "Succeeded" && told.change === null ? null : { of: id, properties: { provisioningState: told.state ?? "Succeeded" } },
    problem: code === null ? null : { code },
    warnings: [],
    diff: outcome === "Planned" || told.change === "Updated" ? [] : null,
    ticket: payload === "" ? null : { payload },
    armState: told.armState ?? (outcome === "Succeeded" ? "Succeeded" : code === "OperationFailed" ? "Failed" : null),
    arm: { correlationRequestId: `correlation-${id}`, operationId: told.operationId ?? null, attempts: told.attempts ?? [] },
    timing: {
      receivedAt: time(told.enqueued ?? (told.started ?? 2) - 1),
      startedAt: time(told.started === undefined ? 2 : told.started),
      leaseGrantedAt: time(told.granted === undefined ? 3 : told.granted),
      submittedAt: null,
      provisionedAt: null,
      completedAt: time(told.completed ?? 60),
    },
    ...told.more,
  };
  return {
    at: at(told.at ?? 61),
    messageId: told.messageId ?? eventId,
    correlationId: id,
    contentType: "application/cloudevents+json; charset=utf-8",
    body: JSON.stringify({ ...envelope, id: eventId, subject: connection, time: data.timing.completedAt, ...told.envelope, data }),
    properties: {
      outcome,
      requestSource: "/a",
      gateway,
      ...(data.change ? { change: data.change } : {}),
      ...(code ? { problemCode: code } : {}),
      ...(told.session === undefined ? {} : { reply: "true" }),
    },
    ...(told.session === undefined ? {} : { sessionId: told.session }),
    ...told.message,
  };
}

/**
 * A PUT of a request, with its operation from one second to another; refused where there is none.
 */
export function put(id: string, from: number, to: number | null, more: Partial<Call> = {}): Call {
  const operation = to === null ? {} : { operation: { id: `operation-${id}-${from}`, endsAt: at(to), status: "Succeeded" } };
  const about = {
    method: "PUT",
    url: connection,
    body: { of: id },
    correlationId: `correlation-${id}`,
    status: to === null ? 409 : 201,
    apiVersion,
  };
  return { at: at(from), ...about, ...operation, ...more };
}

/** A read of the connection by a request; without more there is none. */
export function look(id: string, when: number, more: Partial<Call> = {}): Call {
  return { at: at(when), method: "GET", url: connection, correlationId: `correlation-${id}`, status: 404, apiVersion, ...more };
}

/** A trace with a read right before each PUT. */
export function withLooks(trace: Trace): Trace {
  const looks = trace.calls.map((call): Call => {
    const { body: _, operation: __, ...about } = call;
    return { ...about, at: call.at - 1, method: "GET", status: 404 };
  });
  return { ...trace, calls: [...looks, ...trace.calls] };
}

/**
 * Two requests for one gateway, one after the other; the first was sent twice and answered twice.
 */
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
  away: [],
  secrets: ["0123456789abcdef"],
  signatures: ["signature-0123456789"],
  said: { "the log": "nothing of importance" },
  quarantined: [],
  nextNumber: 100,
  left: { leases: [], instances: [], messages: [], processes: [] },
};
