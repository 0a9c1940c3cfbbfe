import type { History, Request } from "../events.ts";
import type { Call } from "../trace.ts";

interface Put extends Call {
  readonly gateway: string;
  readonly request: Request | undefined;
}
type Effective = Put & { readonly operation: NonNullable<Call["operation"]> };

/** Operations of one gateway are disjoint, every request has one effective PUT at most, and who says Succeeded has seen its end. */
export function operations(history: History): string[] {
  const puts = history.trace.calls.flatMap((call): Put[] => {
    const gateway = /\/vpnGateways\/([^/]+)\/vpnConnections\//i.exec(call.url)?.[1];
    return call.method === "PUT" && gateway
      ? [{ ...call, gateway: gateway.toLowerCase(), request: history.byCorrelation(call.correlationId) }]
      : [];
  });
  const effective = puts.filter((put): put is Effective => put.operation !== undefined);
  return [
    ...puts
      .filter(({ request }) => !request)
      .map(({ correlationId, gateway }) => `A PUT of ${gateway} (${correlationId}) belongs to no request.`),
    ...Map.groupBy(puts, ({ gateway }) => gateway)
      .entries()
      .flatMap(([, of]) => overlapping(of)),
    ...history.requests.flatMap((request) => {
      const own = effective.filter((put) => put.request === request);
      return [...tooMany(request, own, history), ...untrue(request, own)];
    }),
  ];
}

/** Resource Manager refuses what overlaps; that it had to is a violation too. */
function overlapping(puts: readonly Put[]): string[] {
  return puts.flatMap((running) => {
    const { operation } = running;
    if (!operation) return [];
    const during = puts.filter((put) => put !== running && put.at >= running.at && put.at < operation.endsAt);
    return during.map(
      (put) =>
        `A PUT of request ${put.request?.name} reached ${put.gateway} at ${timeOf(put.at)}, ${put.status === null ? "unanswered" : `answered ${put.status}`}, while operation ${operation.id} of request ${running.request?.name} ran there (${timeOf(running.at)} to ${timeOf(operation.endsAt)}).`,
    );
  });
}

/** A key stands in no answer to a GET: a PUT that carries one may be repeated when the host was killed before its answer was noted. */
function tooMany(request: Request, own: readonly Effective[], { trace }: History): string[] {
  const carriesKey = [...request.payloads.values()].some(({ sent }) => sent.some((message) => message.carriesKey));
  const allowed = carriesKey ? 1 + trace.killed.length : 1;
  if (own.length <= allowed) return [];
  const list = own.map(({ at, operation }) => `operation ${operation.id} at ${timeOf(at)}, ${operation.status}`).join("; ");
  return [`Request ${request.name} has ${own.length} effective PUTs: ${list}.`];
}

function untrue({ name, answers }: Request, own: readonly Effective[]): string[] {
  const last = own.at(-1)?.operation;
  return answers.slice(0, 1).flatMap(({ at, event }) => {
    const { outcome, change, resource, timing } = event.data;
    if (outcome === "Planned" && last) return [`Request ${name} was to be planned only, and began operation ${last.id}.`];
    if (outcome !== "Succeeded" || change === null) return [];
    const state = resource?.properties?.provisioningState;
    return [
      ...(state === "Succeeded" ? [] : [`Event ${event.id} says Succeeded and shows a connection that is ${state}.`]),
      ...(change !== "Unchanged" && !last ? [`Event ${event.id} says ${change}, and request ${name} has no effective PUT.`] : []),
      ...(last && last.status !== "Succeeded"
        ? [`Event ${event.id} says Succeeded, and operation ${last.id} ended as ${last.status}.`]
        : []),
      ...(last && (at < last.endsAt || Date.parse(timing.completedAt ?? "") < last.endsAt)
        ? [`Event ${event.id} says Succeeded before operation ${last.id} ended at ${timeOf(last.endsAt)}.`]
        : []),
    ];
  });
}

function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
