import { type Delivery, type History, instanceOf, shown } from "../events.ts";

/** One request that asked for a gateway, by what its event and its status tell. */
interface Turn {
  readonly name: string;
  readonly gateway: string;
  readonly enqueuedAt: number;
  readonly startedAt: number;
  /** It surely stood in the queue from here on. */
  readonly waitingSince: number | undefined;
  readonly grantedAt: number | undefined;
  /** When it left the queue, granted or not. */
  readonly leftAt: number;
}

/**
 * Of those that surely waited when another one was granted the gateway, nobody had come earlier.
 * Whoever was terminated, cancelled or superseded left the queue at a time that cannot be seen from
 * outside, and does not count. Two messages of the same millisecond cannot be told apart.
 */
export function order(history: History): string[] {
  const turns = history.requests.flatMap(({ name, answers }) => answers.slice(0, 1).flatMap((answer) => turnOf(name, answer, history)));
  const byGateway = Map.groupBy(turns, ({ gateway }) => gateway);
  return turns.flatMap((granted) => {
    const { grantedAt } = granted;
    if (grantedAt === undefined) return [];
    const surelyNotBefore = earliestGrant(granted, grantedAt, history);
    const passedOver = (byGateway.get(granted.gateway) ?? []).filter(
      ({ enqueuedAt, waitingSince, leftAt }) =>
        enqueuedAt < granted.enqueuedAt && waitingSince !== undefined && waitingSince < surelyNotBefore && leftAt > grantedAt,
    );
    return passedOver.map(
      ({ name, enqueuedAt }) =>
        `Request ${granted.name} (${shown(granted.enqueuedAt)}) was granted ${granted.gateway} at ${shown(grantedAt)}, while request ${name} (${shown(enqueuedAt)}) had waited longer.`,
    );
  });
}

function turnOf(name: string, answer: Delivery, { trace }: History): Turn[] {
  const { data } = answer.event;
  const instance = instanceOf(answer);
  const gateway = String(answer.properties["gateway"] ?? "").toLowerCase();
  const hasLeftUnseen = data.outcome === "Cancelled" || data.problem?.code === "Superseded";
  if (gateway === "" || hasLeftUnseen || trace.terminated.some(({ instanceId }) => instanceId === instance)) return [];
  const time = (at: string | null) => (at === null ? undefined : Date.parse(at));
  const grantedAt = time(data.timing.leaseGrantedAt);
  return [
    {
      name,
      gateway,
      enqueuedAt: time(data.timing.receivedAt) ?? 0,
      startedAt: time(data.timing.startedAt) ?? 0,
      waitingSince: trace.waiting.find(({ instanceId }) => instanceId === instance)?.since,
      grantedAt,
      leftAt: grantedAt ?? time(data.timing.completedAt) ?? 0,
    },
  ];
}

/**
 * The grant itself cannot be seen, only when the request knew of it. It came after the request had
 * begun, and after the end of every operation before it, because whoever has an operation running
 * keeps the gateway; unless that one was terminated.
 */
function earliestGrant({ name, gateway, startedAt }: Turn, grantedAt: number, { trace, byCorrelation }: History): number {
  const ends = trace.calls.flatMap(({ url, correlationId, operation }) => {
    if (!operation || operation.endsAt > grantedAt || !url.toLowerCase().includes(`${gateway}/`)) return [];
    const holder = byCorrelation(correlationId);
    const terminated = holder?.answers.some((answer) => trace.terminated.some(({ instanceId }) => instanceId === instanceOf(answer)));
    // A request that has its answer may have left its change to the next holder.
    const isLeft = holder?.answers.some(({ event }) => Date.parse(event.data.timing.completedAt ?? "") < operation.endsAt);
    return !holder || terminated || isLeft || holder.name === name ? [] : [operation.endsAt];
  });
  return Math.max(startedAt, ...ends);
}
