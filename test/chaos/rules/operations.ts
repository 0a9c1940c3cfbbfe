import { type History, instanceOf, type Request, shown } from "../events.ts";
import type { Call, Trace } from "../trace.ts";

/** What a killed host had written arrives a moment later. */
const SETTLING_MS = 10_000;

interface Put extends Call {
  readonly gateway: string;
  readonly request: Request | undefined;
}
type Effective = Put & { readonly operation: NonNullable<Call["operation"]> };

/**
 * Operations of one gateway are disjoint, every request has one effective PUT at most, and who says
 * Succeeded has seen its end.
 */
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
      .flatMap(([, of]) => overlapping(of, history.trace)),
    ...history.requests.flatMap((request) => {
      const own = effective.filter((put) => put.request === request);
      return [...tooMany(request, own, history), ...untrue(request, own)];
    }),
  ];
}

/**
 * Resource Manager refuses what overlaps; that it had to is a violation too. What an instance had
 * begun when it was terminated is still carried out (docs/operations.md).
 */
function overlapping(puts: readonly Put[], trace: Trace): string[] {
  return puts.flatMap((running) => {
    const { operation } = running;
    if (!operation || isOfTheDead(running, trace)) return [];
    const during = puts.filter((put) => put !== running && put.at >= running.at && put.at < operation.endsAt && !isOfTheDead(put, trace));
    return during.map(
      (put) =>
        `A PUT of request ${put.request?.name} reached ${put.gateway} at ${shown(put.at)}, ${put.status === null ? "unanswered" : `answered ${put.status}`}, while operation ${operation.id} of request ${running.request?.name} ran there (${shown(running.at)} to ${shown(operation.endsAt)}).`,
    );
  });
}

function isOfTheDead({ request, at }: Put, { terminated }: Trace): boolean {
  const instances = request?.answers.map(instanceOf) ?? [];
  return terminated.some(({ instanceId, at: end }) => instances.includes(instanceId) && end <= at);
}

/**
 * When the host is killed before it has noted that a PUT was accepted, a read shows what became of
 * it; not so of a key, nor of an operation that failed meanwhile, which looks as if it had failed
 * before: then the PUT is sent again (docs/architecture.md, Limits).
 */
function tooMany(request: Request, own: readonly Effective[], { trace }: History): string[] {
  const carriesKey = [...request.payloads.values()].some(({ sent }) => sent.some((message) => message.carriesKey));
  const repeated = own.slice(1).filter((put, index) => {
    const before = own[index];
    const unseen = carriesKey || before?.operation.status !== "Succeeded";
    return before && !(unseen && trace.killed.some((at) => at >= before.at - SETTLING_MS && at <= put.at));
  });
  if (repeated.length === 0) return [];
  const list = own.map(({ at, operation }) => `operation ${operation.id} at ${shown(at)}, ${operation.status}`).join("; ");
  return [`Request ${request.name} has ${own.length} effective PUTs: ${list}.`];
}

function untrue({ name, answers }: Request, own: readonly Effective[]): string[] {
  const last = own.at(-1)?.operation;
  return answers.slice(0, 1).flatMap(({ at, event }) => {
    const { outcome, change, resource, problem, timing } = event.data;
    const untouched = outcome === "Planned" || outcome === "Rejected" || problem?.code === "QueueDeadlineExceeded";
    if (untouched && last) return [`Event ${event.id} says that nothing was changed, and request ${name} began operation ${last.id}.`];
    if (outcome !== "Succeeded" || change === null) return [];
    const state = resource?.properties?.provisioningState;
    return [
      ...(state === "Succeeded" ? [] : [`Event ${event.id} says Succeeded and shows a connection that is ${state}.`]),
      ...(change !== "Unchanged" && !last ? [`Event ${event.id} says ${change}, and request ${name} has no effective PUT.`] : []),
      ...(last && last.status !== "Succeeded"
        ? [`Event ${event.id} says Succeeded, and operation ${last.id} ended as ${last.status}.`]
        : []),
      ...(last && (at < last.endsAt || Date.parse(timing.completedAt ?? "") < last.endsAt)
        ? [`Event ${event.id} says Succeeded before operation ${last.id} ended at ${shown(last.endsAt)}.`]
        : []),
    ];
  });
}
