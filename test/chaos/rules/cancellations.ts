import { type Delivery, type History, lag, patience, type Request, shown, terminatedAt, timeIn } from "../events.ts";

const KNOWN_WITHIN_MS = 60_000;

/**
 * A cancellation stops its request, wherever that is, unless it comes too late; and it says what it
 * did.
 */
export function cancellations(history: History): string[] {
  const asked = history.requests.flatMap((cancellation) => {
    const cancels = cancellation.own[0]?.cancels;
    const target = cancels && history.byName(cancels.source, cancels.id);
    return cancellation.answers.slice(0, 1).map((answer) => ({ cancellation, answer, cancels, target }));
  });
  const cancelled = new Set(history.trace.sent.flatMap(({ cancels }) => (cancels ? [history.byName(cancels.source, cancels.id)] : [])));
  return [
    ...asked.flatMap(({ cancellation, answer, cancels, target }) => {
      if (!cancels) return [];
      const [ended] = target?.answers ?? [];
      return ended ? together(cancellation, answer, target as Request, ended, history) : withoutRequest(cancellation, answer, target);
    }),
    ...history.requests
      .filter((request) => request.answers[0]?.event.data.outcome === "Cancelled" && !cancelled.has(request))
      .map(({ name }) => `Request ${name} ended as Cancelled, and nobody cancelled it.`),
  ];
}

function withoutRequest({ name }: Request, { event }: Delivery, target: Request | undefined): string[] {
  const { outcome, problem } = event.data;
  const right = outcome !== "Succeeded" && problem?.code !== "RequestFinished";
  return right || target ? [] : [`Cancellation ${name} ended as ${problem?.code ?? outcome}, and its request never came.`];
}

function together({ name }: Request, answer: Delivery, target: Request, ended: Delivery, history: History): string[] {
  const { trace } = history;
  const { outcome, problem } = answer.event.data;
  const [code, end] = [problem?.code, ended.event.data.outcome];
  if (terminatedAt(answer, trace) !== undefined) return [];
  const [began, known] = [timeIn(answer, "startedAt") ?? 0, timeIn(answer, "completedAt") ?? 0];
  const [targetBegan, targetEnded] = [timeIn(ended, "startedAt"), timeIn(ended, "completedAt") ?? 0];
  const said = `Cancellation ${name} ended as ${code ?? outcome}`;
  if (outcome === "Succeeded" && end !== "Cancelled")
    return [`Cancellation ${name} says that it stopped request ${target.name}, which ended as ${end}.`];
  if (code === "RequestUnknown") {
    const wasThere = targetBegan !== undefined && targetBegan + patience(history, targetBegan, known) < known;
    return wasThere ? [`${said}, and request ${target.name} had begun at ${shown(targetBegan)}.`] : [];
  }
  const isLate = targetEnded > began + patience(history, began, targetEnded);
  if (end === "Cancelled" && isLate)
    return [`${said}; it began at ${shown(began)}, and request ${target.name} went on until ${shown(targetEnded)}.`];
  if (end === "Cancelled" && targetBegan !== undefined && isKnown(began, targetBegan, history)) {
    const put = history.trace.calls.find(
      ({ method, correlationId }) => method === "PUT" && history.byCorrelation(correlationId) === target,
    );
    if (put)
      return [`${said}; it began at ${shown(began)}, request ${target.name} at ${shown(targetBegan)}, and that one still sent a PUT.`];
  }
  if (end === "Cancelled") return outcome === "Succeeded" ? [] : [`${said}, and request ${target.name} ended as Cancelled.`];
  // Whoever was terminated cannot be told, and an answer that only needs publishing is not taken
  // back.
  if (terminatedAt(ended, trace) !== undefined || !isLate) return [];
  return [`${said}; it began at ${shown(began)}, and request ${target.name} went on until ${shown(targetEnded)}, to end as ${end}.`];
}

/**
 * Whether a cancellation is known to a request that begins so much later: more than half a second
 * on a busy machine, in the stack's time.
 */
function isKnown(since: number, at: number, history: History): boolean {
  return at > since + KNOWN_WITHIN_MS + 2 * lag(history, since, at) && !history.trace.killed.some((kill) => kill >= since && kill <= at);
}
