import { type Delivery, type History, shown, terminatedAt, timeIn } from "../events.ts";

/** One request's time with its gateway. */
interface Hold {
  readonly name: string;
  readonly gateway: string;
  readonly from: number;
  readonly to: number;
}

/**
 * A gateway is one request's at a time: from its grant until it has its outcome, and until the
 * operation that it began has ended. A terminated instance holds it no longer than it lived.
 */
export function holding(history: History): string[] {
  const holds = history.requests.flatMap(({ name, answers }) => answers.slice(0, 1).flatMap((answer) => holdOf(name, answer, history)));
  return [...Map.groupBy(holds, ({ gateway }) => gateway).values()].flatMap((together) =>
    together.flatMap((one) =>
      together
        .filter((other) => other !== one && other.from > one.from && other.from < one.to)
        .map(
          (other) =>
            `Request ${other.name} was granted ${one.gateway} at ${shown(other.from)}, while request ${one.name} had it (${shown(one.from)} to ${shown(one.to)}).`,
        ),
    ),
  );
}

function holdOf(name: string, answer: Delivery, { trace, byCorrelation }: History): Hold[] {
  const from = timeIn(answer, "leaseGrantedAt");
  const gateway = answer.event.subject?.split("/vpnConnections/")[0]?.toLowerCase();
  if (from === undefined || gateway === undefined) return [];
  const end = terminatedAt(answer, trace) ?? Number.POSITIVE_INFINITY;
  const ends = trace.calls.flatMap(({ at, correlationId, operation }) =>
    operation && at < end && byCorrelation(correlationId)?.name === name ? [operation.endsAt] : [],
  );
  return [{ name, gateway, from, to: Math.min(end, Math.max(timeIn(answer, "completedAt") ?? from, ...ends)) }];
}
