import { type Delivery, type History, type Request, shown, terminatedAt, timeIn } from "../events.ts";
import type { Call } from "../trace.ts";

/** A request that asks for a change of a connection, by what its answer tells. */
interface Change {
  readonly request: Request;
  readonly answer: Delivery;
  readonly connection: string;
  readonly receivedAt: number;
  /** Its PUTs that Azure carried out. */
  readonly effective: readonly Call[];
  /** It was sent to Azure and not refused, found all as it wanted it, or its instance was ended. */
  readonly mayHaveChanged: boolean;
}

/**
 * What a newer request has written no older one overwrites, and only that makes a request too late.
 * What an instance had begun when it was terminated is still carried out. Two messages of the same
 * millisecond cannot be told apart.
 */
export function newest(history: History): string[] {
  const changes = history.requests.flatMap((request) => changeOf(request, history));
  return [...Map.groupBy(changes, ({ connection }) => connection).values()].flatMap((ofOne) => [
    ...ofOne.flatMap((older) => overwriting(older, ofOne, history)),
    ...ofOne.flatMap((older) => supersededByNone(older, ofOne)),
  ]);
}

function overwriting({ request, answer, receivedAt, effective }: Change, others: readonly Change[], history: History): string[] {
  const end = terminatedAt(answer, history.trace) ?? Number.POSITIVE_INFINITY;
  return effective.flatMap(({ at, url }) => {
    if (end <= at) return [];
    const newer = others.filter((other) => other.receivedAt > receivedAt && other.effective.some((put) => put.at < at));
    return newer.map(
      (other) =>
        `Request ${request.name} (${shown(receivedAt)}) wrote ${url} at ${shown(at)}, after the newer request ${other.request.name} (${shown(other.receivedAt)}) had.`,
    );
  });
}

function supersededByNone({ request, answer, connection, receivedAt }: Change, others: readonly Change[]): string[] {
  if (answer.event.data.problem?.code !== "Superseded") return [];
  const newer = others.some((other) => other.request !== request && other.receivedAt >= receivedAt && other.mayHaveChanged);
  return newer ? [] : [`Request ${request.name} ended as Superseded, and no newer request has changed ${connection}.`];
}

function changeOf(request: Request, history: History): Change[] {
  const { trace, byCorrelation } = history;
  const [answer] = request.answers;
  const wish = request.own[0]?.wish;
  if (!answer || !wish || wish.mode === "plan") return [];
  const puts = trace.calls.filter(({ method, correlationId }) => method === "PUT" && byCorrelation(correlationId) === request);
  const wasTaken = puts.some(({ status }) => status === null || status < 300 || status >= 500 || status === 408);
  const { change } = answer.event.data;
  return [
    {
      request,
      answer,
      connection: wish.id.toLowerCase(),
      receivedAt: timeIn(answer, "receivedAt") ?? 0,
      effective: puts.filter(({ operation }) => operation),
      mayHaveChanged: wasTaken || change === "Unchanged" || terminatedAt(answer, trace) !== undefined,
    },
  ];
}
