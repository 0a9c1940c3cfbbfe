import { type History, type Request, shown } from "../events.ts";
import type { Call } from "../trace.ts";

/**
 * A request with keys ends as Unchanged only if Azure has these keys: the last PUT of its
 * connection before its read had them, and succeeded. No read shows a key, so the app can only
 * remember.
 */
export function keys(history: History): string[] {
  const calls = [...history.trace.calls].sort((a, b) => a.at - b.at);
  return history.requests.flatMap((request) => wronglyUnchanged(request, calls, history));
}

function wronglyUnchanged(request: Request, calls: readonly Call[], history: History): string[] {
  const { name, own, answers } = request;
  const wish = own[0]?.wish;
  const data = answers[0]?.event.data;
  if (!wish || wish.mode === "plan" || data?.change !== "Unchanged" || keysIn(wish.connection).length === 0) return [];
  const isOfIt = ({ url }: Call) => url.toLowerCase() === wish.id.toLowerCase();
  const look = calls.findLast(
    (call) => call.method === "GET" && call.status === 200 && isOfIt(call) && history.byCorrelation(call.correlationId) === request,
  );
  if (!look) return [`Request ${name} ended as Unchanged without having read the connection.`];
  const last = calls.findLast((call) => call.operation && call.method === "PUT" && isOfIt(call) && call.at < look.at);
  const about = `Request ${name} ended as Unchanged after its read at ${shown(look.at)}`;
  if (!last) return [`${about}, and nobody has set its key.`];
  if (String(keysIn(last.body)) !== String(keysIn(wish.connection)))
    return [`${about}, and the last PUT, at ${shown(last.at)}, had another key.`];
  return last.operation?.status === "Succeeded" ? [] : [`${about}, and the last PUT, at ${shown(last.at)}, has failed.`];
}

/** Returns all keys of a connection, in the order in which it has them. */
function keysIn(node: unknown): readonly string[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) => (name === "sharedKey" ? [String(value)] : keysIn(value)));
}
