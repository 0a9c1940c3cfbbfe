import { isDeepStrictEqual } from "node:util";
import { type Delivery, type Event, type History, type Request, shown, steps, timeIn } from "../events.ts";
import type { Call } from "../trace.ts";

/** The version of the service that the contract is written for. */
const VERSION = "2024-03-01";
/** How far the clocks of two processes may be apart. */
const CLOCKS_MS = 1_000;

/**
 * What an event tells is what happened. Its steps come one after the other, and its message was not
 * there before it was sent; what is unusual about the request is told; the operation is one that
 * the request began, and where nothing came in between no PUT is left out.
 */
export function accounts({ requests, trace: { calls }, byCorrelation }: History): string[] {
  return requests.flatMap((request) => {
    const own = calls.filter(({ correlationId }) => byCorrelation(correlationId) === request);
    const puts = own.filter(({ method }) => method === "PUT");
    return [
      ...request.answers
        .slice(0, 1)
        .flatMap((answer) => [
          ...untimely(request, answer),
          ...unwarned(request, answer),
          ...untold(request, answer.event, puts),
          ...unseen(answer.event, own, calls),
        ]),
      ...puts
        .filter(({ apiVersion }) => apiVersion !== VERSION)
        .map(
          ({ at, apiVersion }) =>
            `Request ${request.name} sent a PUT at ${shown(at)} with the version ${apiVersion} instead of ${VERSION}.`,
        ),
    ];
  });
}

/**
 * An answer that no instance of the request has given tells the time of the app, not the stack's.
 */
function untimely({ name, own }: Request, answer: Delivery): string[] {
  const sentAt = own.length > 0 ? Math.min(...own.map(({ at }) => at)) : Number.NEGATIVE_INFINITY;
  const times = steps.flatMap((step) => timeIn(answer, step) ?? []);
  const received = times[0] ?? Number.NEGATIVE_INFINITY;
  if (received < sentAt - CLOCKS_MS)
    return [`Event ${answer.event.id} says that request ${name} was received at ${shown(received)}, and it was sent at ${shown(sentAt)}.`];
  if (timeIn(answer, "startedAt") === undefined || times.every((time, index) => time >= (times[index - 1] ?? 0))) return [];
  return [`Event ${answer.event.id} tells steps that are not in their order: ${times.map(shown).join(", ")}.`];
}

function unwarned({ name, own }: Request, { event: { id, subject, data } }: Delivery): string[] {
  const codes = new Set(data.warnings.map(({ code }) => code));
  const missing = (own[0]?.wish?.warns ?? []).filter((code) => !codes.has(code));
  // Without a subject the request was never judged.
  return subject === undefined || missing.length === 0 ? [] : [`Event ${id} of request ${name} does not warn of ${missing.join(", ")}.`];
}

/**
 * What is shown is what Azure showed, to the last field; where no connection was read at all there
 * is nothing to compare it with.
 */
function unseen({ id, data: { resource } }: Event, own: readonly Call[], calls: readonly Call[]): string[] {
  if (resource === null || !calls.some(({ shows }) => shows !== undefined)) return [];
  if (own.some(({ shows }) => isDeepStrictEqual(shows, resource))) return [];
  return [`Event ${id} shows a connection that Azure has not shown like this.`];
}

function untold({ name, own }: Request, { id, data }: Event, puts: readonly Call[]): string[] {
  const { attempts, operationId } = data.arm;
  const began = puts.flatMap(({ operation }) => (operation ? [operation.id] : []));
  if (operationId !== null && !began.includes(operationId))
    return [`Event ${id} names operation ${operationId}, which request ${name} did not begin.`];
  // Elsewhere a kill may have taken what was known of a call, and the broker's limit a part of the
  // list.
  if (!own.some(({ mustEnd }) => mustEnd) || data.problem?.code === "Interrupted") return [];
  const told = attempts.filter(({ action }) => action === "put");
  const [only] = puts;
  if (told.length !== puts.length)
    return [
      `Event ${id} tells of ${told.length} PUTs, and request ${name} sent ${puts.length}: ${puts.map(({ at }) => shown(at)).join(", ")}.`,
    ];
  if (operationId !== null || puts.length !== 1 || !only?.operation || told[0]?.status !== only.status) return [];
  return [`Event ${id} names no operation, and request ${name} was told of ${only.operation.id}.`];
}
