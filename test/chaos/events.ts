import type { Received, Sent, Trace } from "./trace.ts";

/** An event, as far as the rules look into it. */
export interface Event {
  readonly id: string;
  readonly time: string;
  readonly data: {
    readonly requestId: string;
    readonly requestSource: string;
    readonly outcome: string;
    readonly change: string | null;
    readonly resource: { readonly properties?: { readonly provisioningState?: string } } | null;
    readonly problem: { readonly code: string } | null;
    readonly ticket: { readonly payload?: string } | null;
    readonly arm: { readonly correlationRequestId: string };
    readonly timing: Readonly<Record<"receivedAt" | "startedAt" | "leaseGrantedAt" | "completedAt", string | null>>;
  };
}

/** One delivery of an event with what is in it. */
export interface Delivery extends Received {
  readonly event: Event;
}

/** All that was asked under one source and id, and all that was answered. */
export interface Request {
  /** As a violation names it. */
  readonly name: string;
  readonly payloads: ReadonlyMap<string, { readonly sent: readonly Sent[]; readonly deliveries: readonly Delivery[] }>;
  /** The answers to the request itself: conflicts with it are left out. */
  readonly answers: readonly Delivery[];
  readonly correlationIds: ReadonlySet<string>;
}

/** A trace with everything in its place, for the rules. */
export interface History {
  readonly trace: Trace;
  readonly requests: readonly Request[];
  /** Deliveries about something that nobody asked for. */
  readonly strays: readonly Delivery[];
  /** The request that a correlation id of Resource Manager belongs to. */
  byCorrelation(id: string): Request | undefined;
  byName(source: string, id: string): Request | undefined;
}

export const conflictCode = "RequestIdConflict";

/** Puts a trace in order. */
export function historyOf(trace: Trace): History {
  const deliveries: Delivery[] = trace.received.map((received) => ({ ...received, event: JSON.parse(received.body) as Event }));
  const nameOf = (source: string, id: string) => `${source} ${id}`;
  const payloadOf = ({ event }: Delivery) => event.data.ticket?.payload ?? "";
  const sentByName = Map.groupBy(trace.sent, ({ source, id }) => nameOf(source, id));
  const heardByName = Map.groupBy(deliveries, ({ event }) => nameOf(event.data.requestSource, event.data.requestId));

  const requests = [...sentByName].map(([name, sent]): Request => {
    const heard = heardByName.get(name) ?? [];
    const payloads = new Map(
      [...Map.groupBy(sent, ({ payload }) => payload)].map(([payload, messages]) => [
        payload,
        { sent: messages, deliveries: heard.filter((delivery) => payloadOf(delivery) === payload) },
      ]),
    );
    const correlationIds = new Set(heard.map(({ event }) => event.data.arm.correlationRequestId));
    return { name, payloads, answers: heard.filter(({ event }) => event.data.problem?.code !== conflictCode), correlationIds };
  });
  const byName = new Map(requests.map((request) => [request.name, request]));
  const byCorrelation = new Map(requests.flatMap((request) => [...request.correlationIds].map((id) => [id, request] as const)));
  return {
    trace,
    requests,
    strays: deliveries.filter((delivery) => {
      const { requestSource, requestId } = delivery.event.data;
      return !byName.get(nameOf(requestSource, requestId))?.payloads.has(payloadOf(delivery));
    }),
    byCorrelation: (id) => byCorrelation.get(id),
    byName: (source, id) => byName.get(nameOf(source, id)),
  };
}

/** The instance that an event is about stands at the beginning of its id. */
export function instanceOf({ event }: Delivery): string {
  return event.id.split(".")[0] ?? "";
}
