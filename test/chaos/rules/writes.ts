import { isDeepStrictEqual } from "node:util";
import { type Delivery, type History, keptPace, lag, type Request, shown, terminatedAt, timeIn } from "../events.ts";
import type { Call, Trace } from "../trace.ts";

/** What a killed host had written arrives a moment later. */
const SETTLING_MS = 10_000;
/** How long a PUT may be on its way on a busy machine: two seconds, in the stack's time. */
const ON_ITS_WAY_MS = 200_000;

/**
 * What is written is what was asked for, where it was asked for, after a look, and only where it is
 * not there already.
 */
export function writes(history: History): string[] {
  const calls = [...history.trace.calls].sort((a, b) => a.at - b.at);
  return history.requests.flatMap((request) => {
    const own = calls.filter((call) => history.byCorrelation(call.correlationId) === request);
    return [
      ...notAsked(request, own, history),
      ...blind(request, own, history.trace),
      ...needless(request, own, calls),
      ...posthumous(request, own, history),
      ...misreported(request, own, history),
    ];
  });
}

function notAsked({ name, own: messages, answers }: Request, own: readonly Call[], history: History): string[] {
  const wish = messages[0]?.wish;
  const puts = own.filter(({ method }) => method === "PUT");
  if (answers.length > 0 && messages.length === 0) return [];
  return puts.flatMap(({ url, body, at }) => {
    const put = `Request ${name} sent a PUT at ${shown(at)}`;
    if (!wish) return [`${put}, and asks for no change.`];
    if (wish.mode === "plan") return [`${put}, and is a plan.`];
    if (messages.some(({ mustEnd, at: sentAt }) => mustEnd?.untouched && keptPace(history, sentAt, at)))
      return [`${put}, and was to change nothing.`];
    if (wish.invalid) return [`${put}, and breaks the contract.`];
    if (url.toLowerCase() !== wish.id.toLowerCase()) return [`${put} of ${url} instead of ${wish.id}.`];
    return isDeepStrictEqual(body, wish.connection) ? [] : [`${put} of another connection than was asked for.`];
  });
}

/**
 * Before each PUT the connection is read. A host that is killed with a PUT on its way comes back,
 * reads, and may be overtaken by it.
 */
function blind({ name }: Request, own: readonly Call[], { killed }: Trace): string[] {
  return own.flatMap((put, index) => {
    if (put.method !== "PUT") return [];
    const before = own.slice(0, index);
    const last = before.findLast(({ method }) => method === "PUT")?.at ?? Number.NEGATIVE_INFINITY;
    const looked = before.some(
      ({ method, url, at, status }) => method === "GET" && at >= last && (status === 200 || status === 404) && same(url, put.url),
    );
    if (looked || killed.some((at) => at >= last - SETTLING_MS && at <= put.at)) return [];
    return [`Request ${name} sent a PUT at ${shown(put.at)} without having read the connection before it.`];
  });
}

/**
 * A read that shows the connection settled, as the last PUT has made it and as it is wanted, needs
 * no other PUT; but for a key, which no read shows.
 */
function needless({ name, own: messages }: Request, own: readonly Call[], calls: readonly Call[]): string[] {
  if (messages.some(({ carriesKey }) => carriesKey)) return [];
  return own.flatMap((put, index) => {
    if (put.method !== "PUT") return [];
    const look = own.slice(0, index).findLast(({ method, url, status }) => method === "GET" && status === 200 && same(url, put.url));
    if (!look?.states || look.states.some((state) => state !== "Succeeded")) return [];
    const writers = calls.filter(({ at, url, operation }) => operation && at < put.at && same(url, put.url));
    const last = writers.at(-1);
    if (!last || last.at >= look.at || !isDeepStrictEqual(withoutKeys(last.body), withoutKeys(put.body))) return [];
    return [
      `Request ${name} sent a PUT at ${shown(put.at)}, although its read at ${shown(look.at)} showed the connection as it is wanted.`,
    ];
  });
}

/**
 * Whoever was terminated writes nothing any more, but for a PUT that is on its way at that moment
 * (docs/operations.md).
 */
function posthumous({ name, answers: [answer] }: Request, own: readonly Call[], history: History): string[] {
  const end = answer && terminatedAt(answer, history.trace);
  if (end === undefined) return [];
  const late = own.filter(({ method, at }) => method === "PUT" && at > end + ON_ITS_WAY_MS + lag(history, end, at));
  return late.map(({ at }) => `Request ${name} was terminated at ${shown(end)}, and sent a PUT at ${shown(at)}.`);
}

/** What the event says was done is what was done, and what it shows is what was asked for. */
function misreported(request: Request, own: readonly Call[], history: History): string[] {
  const { name, answers, own: messages } = request;
  const [answer] = answers;
  const wish = messages[0]?.wish;
  if (!answer || !wish) return [];
  const { id, data } = answer.event;
  const { outcome, change, resource, problem } = data;
  const puts = own.filter(({ operation }) => operation);
  const [put] = puts;
  if (outcome === (wish.mode === "plan" ? "Succeeded" : "Planned"))
    return [`Request ${name} is ${wish.mode === "plan" ? "a" : "no"} plan, and ended as ${outcome}.`];
  if (put && data.timing.leaseGrantedAt === null && problem?.code !== "Interrupted")
    return [`Event ${id} says that the gateway was never granted, and request ${name} began operation ${put.operation?.id}.`];
  if (answer.event.subject !== undefined && !same(answer.event.subject, wish.id))
    return [`Event ${id} is about ${answer.event.subject}, and request ${name} about ${wish.id}.`];
  const unfinished = puts.find(({ operation }) => (operation?.endsAt ?? 0) > (timeIn(answer, "completedAt") ?? 0));
  if (unfinished && !wasKilled(unfinished, answer, history.trace) && !["Unknown", "Updating"].includes(data.armState ?? ""))
    return [`Event ${id} says ${data.armState} of the connection, and operation ${unfinished.operation?.id} ran on.`];
  if (outcome !== "Succeeded" || isDisturbed(request, put, history)) return [];
  const done = put?.status === 201 ? "Created" : "Updated";
  return [
    ...(put && puts.length === 1 && change !== done ? [`Event ${id} says ${change}, and its PUT was answered ${put.status}.`] : []),
    ...(holds(wish.connection, resource) ? [] : [`Event ${id} says ${change} and shows another connection than was asked for.`]),
  ];
}

/** Whoever was terminated may write behind everybody's back. */
function isDisturbed({ name, answers: [answer] }: Request, put: Call | undefined, { trace, byCorrelation }: History): boolean {
  if (!put || !answer) return false;
  const end = timeIn(answer, "completedAt") ?? 0;
  const others = trace.calls.filter(
    ({ operation, url, correlationId }) => operation && same(url, put.url) && byCorrelation(correlationId)?.name !== name,
  );
  return wasKilled(put, answer, trace) || others.some(({ at }) => at >= put.at - SETTLING_MS && at <= end);
}

/**
 * A host that was killed between a PUT and the answer may not know of the PUT, nor how the
 * connection was before it.
 */
function wasKilled(put: Call, answer: Delivery, { killed }: Trace): boolean {
  return killed.some((at) => at >= put.at - SETTLING_MS && at <= (timeIn(answer, "completedAt") ?? 0));
}

/**
 * Whether all that was asked for stands in what is there, keys aside; ids are compared without
 * case.
 */
function holds(asked: unknown, found: unknown): boolean {
  if (typeof asked === "string") return typeof found === "string" && found.toLowerCase() === asked.toLowerCase();
  if (typeof asked !== "object" || asked === null) return asked === found;
  if (typeof found !== "object" || found === null) return false;
  return Object.entries(asked).every(([name, value]) => name === "sharedKey" || holds(value, (found as Record<string, unknown>)[name]));
}

function withoutKeys(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body ?? null), (name, value) => (name === "sharedKey" ? undefined : value));
}

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
