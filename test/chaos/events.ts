import type { Received, Sent, Trace } from "./trace.ts";

/** The steps of a request, in their order. */
export const steps = ["receivedAt", "startedAt", "leaseGrantedAt", "submittedAt", "provisionedAt", "completedAt"] as const;

/** An event, as far as the rules look into it. */
export interface Event {
  readonly specversion: string;
  readonly type: string;
  readonly id: string;
  readonly source: string;
  readonly subject?: string;
  readonly time: string;
  readonly datacontenttype: string;
  readonly traceparent?: string;
  readonly data: {
    readonly requestId: string;
    readonly requestSource: string;
    readonly outcome: string;
    readonly change: string | null;
    readonly resource: { readonly properties?: { readonly provisioningState?: string } } | null;
    readonly problem: { readonly code: string } | null;
    readonly diff: readonly { readonly target: string }[] | null;
    readonly warnings: readonly { readonly code: string }[];
    readonly ticket: { readonly payload?: string } | null;
    readonly armState: string | null;
    readonly arm: { readonly correlationRequestId: string; readonly operationId: string | null; readonly attempts: readonly Attempt[] };
    readonly timing: Readonly<Record<(typeof steps)[number], string | null>>;
  };
}

/** One exchange with Resource Manager, as an event tells it. */
export interface Attempt {
  readonly at: string;
  readonly action: string;
  readonly status: number | null;
  readonly retryAfterSeconds: number | null;
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
  /** The messages of the payload that is the request; none where that cannot be told. */
  readonly own: readonly Sent[];
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

const conflictCode = "RequestIdConflict";

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
    const answers = heard.filter((delivery) => !isConflict(delivery));
    const answered = [...payloads].filter(([payload]) => answers.some((delivery) => payloadOf(delivery) === payload));
    const own = answered.length === 1 ? (answered[0]?.[1].sent ?? []) : [];
    return { name, payloads, answers, own, correlationIds };
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

export function isConflict({ event }: Delivery): boolean {
  return event.data.problem?.code === conflictCode;
}

/** The instance that an event is about stands at the beginning of its id. */
export function instanceOf({ event }: Delivery): string {
  return event.id.split(".")[0] ?? "";
}

/** When an operator ended the instance of an event, if one did. */
export function terminatedAt(delivery: Delivery, { terminated }: Trace): number | undefined {
  const ends = terminated.flatMap(({ instanceId, at }) => (instanceId.split(".")[0] === instanceOf(delivery) ? [at] : []));
  return ends.length > 0 ? Math.min(...ends) : undefined;
}

/** A time of an event in milliseconds, where it has one. */
export function timeIn({ event }: Delivery, step: keyof Event["data"]["timing"]): number | undefined {
  const at = event.data.timing[step];
  return at === null ? undefined : Date.parse(at);
}

/**
 * How far behind the stack was at most, while something lasted: the longest that a request, come
 * then or right before, waited for its beginning.
 */
export function lag({ requests }: History, from: number, to: number): number {
  const waits = requests.flatMap(({ answers }) =>
    answers.slice(0, 1).flatMap((answer) => {
      const [received, started] = [timeIn(answer, "receivedAt"), timeIn(answer, "startedAt")];
      if (received === undefined || started === undefined || started < from || received > to) return [];
      return [started - received];
    }),
  );
  return Math.max(0, ...waits);
}

/**
 * How long after its time something may come without blame: what a busy machine takes for some
 * steps, and what a host that is away, and then catches up, cannot do.
 */
export function patience(history: History, from: number, to: number): number {
  const gone = history.trace.away.reduce((sum, gap) => sum + Math.max(0, Math.min(gap.to, to) - Math.max(gap.from, from)), 0);
  return 400_000 + 2 * gone + 4 * lag(history, from, to);
}

/**
 * Whether the stack kept pace: where it was further behind than 0.4 s of real time, nobody can say
 * how something had to end. It is 0.2 s on a machine at rest.
 */
export function keptPace(history: History, from: number, to: number): boolean {
  return lag(history, from, to) < 40_000;
}

/** A time as a violation names it. */
export function shown(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
