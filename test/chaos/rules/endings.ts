import { type Delivery, type History, keptPace, patience, type Request, shown, terminatedAt, timeIn } from "../events.ts";
import type { Trace, Wished } from "../trace.ts";

/**
 * The longest wait between two tries, and a bit: so much earlier a step that cannot be tried again
 * in time may be given up.
 */
const LONGEST_WAIT_MS = 100_000;
const MINUTE_MS = 60_000;
/** How long it is tried again (docs/operations.md). */
const BUSY_MS = 60 * MINUTE_MS;
const AWAY_MS = 15 * MINUTE_MS;
/** What has no cause where nobody deletes anything and messages do not wait for hours. */
const causeless = ["ResourceVanished", "NotFound", "Undeliverable", "UnsupportedVersion"];

/** Every request ends for a reason that can be seen, not before its time and not after it. */
export function endings(history: History): string[] {
  return history.requests.flatMap((request) => {
    const [answer] = request.answers;
    if (!answer) return [];
    const wish = request.own[0]?.wish;
    return [
      ...unlikeExpected(request, answer, history),
      ...withoutCause(request, answer, history.trace),
      ...(wish ? [...tooEarly(request, answer, wish), ...tooLate(request, answer, wish, history)] : []),
    ];
  });
}

function unlikeExpected({ name, own }: Request, answer: Delivery, history: History): string[] {
  const { outcome, change, problem, diff } = answer.event.data;
  const different = diff?.map(({ target }) => target.split("/").at(-1)).join(" ");
  return own.flatMap(({ mustEnd, at }) => {
    if (!mustEnd || !keptPace(history, at, timeIn(answer, "completedAt") ?? at)) return [];
    if (mustEnd.differs && mustEnd.differs.join(" ") !== different)
      return [`Request ${name} came when all was quiet, and names as different: ${different}, instead of: ${mustEnd.differs.join(" ")}.`];
    const right = mustEnd.outcome === outcome && (mustEnd.change ?? change) === change && mustEnd.code === problem?.code;
    const words = (...parts: (string | null | undefined)[]) => parts.filter((part) => part).join(" ");
    return right
      ? []
      : [
          `Request ${name} came when all was quiet, and ended as ${words(outcome, change, problem?.code)} instead of ${words(mustEnd.outcome, mustEnd.change, mustEnd.code)}.`,
        ];
  });
}

function withoutCause({ name, own }: Request, answer: Delivery, trace: Trace): string[] {
  const code = answer.event.data.problem?.code ?? "";
  const invalid = own[0]?.wish?.invalid === true;
  const isRejected = code === "InvalidRequest";
  return [
    ...(causeless.includes(code) ? [`Request ${name} ended as ${code}, for which there is no cause.`] : []),
    ...(code === "Interrupted" && terminatedAt(answer, trace) === undefined
      ? [`Request ${name} ended as Interrupted, and nobody ended it.`]
      : []),
    ...(isRejected && own.length > 0 && !invalid ? [`Request ${name} was rejected as invalid, and is not.`] : []),
    ...(invalid && !isRejected && !["Interrupted", "RequestCancelled"].includes(code)
      ? [`Request ${name} breaks the contract, and ended as ${answer.event.data.outcome} ${code}.`]
      : []),
  ];
}

function tooEarly({ name }: Request, answer: Delivery, { deadlineMinutes, queueDeadlineMinutes }: Wished): string[] {
  const code = answer.event.data.problem?.code ?? "";
  const deadline = deadlineMinutes * MINUTE_MS;
  const after: Readonly<Record<string, readonly ["startedAt" | "leaseGrantedAt", number]>> = {
    QueueDeadlineExceeded: ["startedAt", queueDeadlineMinutes * MINUTE_MS],
    OperationDeadlineExceeded: ["leaseGrantedAt", deadline],
    GatewayBusy: ["leaseGrantedAt", Math.min(deadline, BUSY_MS)],
    ServiceUnavailable: ["startedAt", AWAY_MS],
  };
  const [step, patient] = after[code] ?? [];
  if (step === undefined || patient === undefined) return [];
  const [since, end] = [timeIn(answer, step), timeIn(answer, "completedAt") ?? 0];
  if (since !== undefined && end - since >= patient - LONGEST_WAIT_MS) return [];
  return [`Request ${name} ended as ${code} at ${shown(end)}, too early after ${since === undefined ? `no ${step}` : shown(since)}.`];
}

function tooLate({ name }: Request, answer: Delivery, wish: Wished, history: History): string[] {
  const end = timeIn(answer, "completedAt") ?? 0;
  const granted = timeIn(answer, "leaseGrantedAt");
  if (answer.event.data.problem?.code === "Interrupted") return [];
  const waiting = history.trace.waiting.find(({ instanceId }) => instanceId === answer.event.id.split(".")[0])?.since;
  const isLate = (since: number | undefined, minutes: number, at: number) =>
    since !== undefined && at > since + minutes * MINUTE_MS + patience(history, since, at);
  return [
    ...(wish.mode === "plan" && (waiting !== undefined || granted !== undefined)
      ? [`Request ${name} is a plan, and waited for its gateway.`]
      : []),
    ...(isLate(waiting, wish.queueDeadlineMinutes, granted ?? end)
      ? [
          `Request ${name} waited from ${shown(waiting ?? 0)} to ${shown(granted ?? end)} for its gateway, longer than ${wish.queueDeadlineMinutes} minutes.`,
        ]
      : []),
    ...(isLate(granted, wish.deadlineMinutes, end)
      ? [
          `Request ${name} had its gateway from ${shown(granted ?? 0)} on and its answer at ${shown(end)}, after its deadline of ${wish.deadlineMinutes} minutes.`,
        ]
      : []),
  ];
}
