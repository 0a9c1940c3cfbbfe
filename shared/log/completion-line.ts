import { laterClassOf } from "../arm/errors.ts";
import type { Completion, CompletionData, Timing } from "../contract/completion.ts";
import type { LogFields } from "./steps.ts";

/** What the line of a published completion says, apart from how it was sent. */
export type CompletionLine = Omit<LogFields<"published">, "instanceId" | "form" | "version">;

/**
 * Returns what the log says about a completion: how it ended, where its time went, and what
 * Resource Manager answered. Queries and alerts use this line, so it has everything that they need.
 */
export function completionLineOf({ event, mode, resubmissions }: Completion): CompletionLine {
  const { id, subject, data } = event;
  return {
    eventId: id,
    gatewayId: subject?.split("/vpnConnections/")[0] ?? null,
    requestSource: data.requestSource,
    mode: mode ?? null,
    outcome: data.outcome,
    change: data.change,
    problem: data.problem?.code ?? null,
    retryable: data.problem?.retryable ?? null,
    actor: data.problem?.actor ?? null,
    ...secondsOf(data.timing),
    polls: data.timing.polls,
    ...countAttempts(data.arm.attempts),
    resubmissions: resubmissions ?? null,
  };
}

/**
 * Returns where the time went. The parts add up to the total: the delivery ends when the app starts
 * the request, the queue when the request has its gateway, and what is left is Azure's. A part
 * that was not reached has the time up to the outcome.
 */
function secondsOf({ receivedAt, startedAt, leaseGrantedAt, completedAt }: Timing) {
  const end = Date.parse(completedAt);
  // The broker's clock may be ahead of the app's.
  const received = Math.min(Date.parse(receivedAt), end);
  const started = Math.max(received, Date.parse(startedAt ?? completedAt));
  const granted = Math.max(started, Date.parse(leaseGrantedAt ?? completedAt));
  const seconds = (from: number, to: number) => (to - from) / 1000;
  return {
    deliverySeconds: seconds(received, started),
    queueSeconds: seconds(started, granted),
    azureSeconds: seconds(granted, Math.max(granted, end)),
    totalSeconds: seconds(received, Math.max(granted, end)),
  };
}

/** Counts attempts. Each is throttled, busy, transient, or in no such group. */
function countAttempts(attempts: CompletionData["arm"]["attempts"]) {
  const kinds = attempts.map(({ status, code }) => {
    const kind = laterClassOf(status, code);
    return kind === "transient" && status === 429 ? "throttled" : kind;
  });
  const count = (kind: string) => kinds.filter((other) => other === kind).length;
  return { attempts: attempts.length, throttled: count("throttled"), busy: count("busy"), transient: count("transient") };
}
