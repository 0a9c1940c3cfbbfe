import { type Delivery, type History, type Request, shown } from "../events.ts";
import type { Call } from "../trace.ts";

/**
 * Whoever Azure tells to come back later does not come sooner: no call follows a refusal before the
 * wait that it named is over.
 */
export function retries({ requests, trace: { calls }, byCorrelation }: History): string[] {
  return requests.flatMap((request) => {
    const own = calls.filter(({ correlationId }) => byCorrelation(correlationId) === request);
    return [...request.answers.slice(0, 1).flatMap((answer) => tooSoon(request, answer, own)), ...hasty(request, own)];
  });
}

function tooSoon({ name }: Request, { event }: Delivery, own: readonly Call[]): string[] {
  return event.data.arm.attempts.flatMap(({ at, action, status, retryAfterSeconds }) => {
    // What is only looked up does not stop a request: it goes on without.
    if (action === "check" || status === null || status < 400 || retryAfterSeconds === null) return [];
    const since = Date.parse(at);
    const next = own.find((call) => call.at > since && call.at < since + retryAfterSeconds * 1000);
    if (!next) return [];
    return [
      `Request ${name} was told ${status} at ${at}, and to wait ${retryAfterSeconds} s; it sent a ${next.method} at ${shown(next.at)}.`,
    ];
  });
}

/** What Azure asks for is known from outside, too, whatever the event tells of it. */
function hasty({ name, own: messages }: Request, own: readonly Call[]): string[] {
  return messages.flatMap(({ mustWait }) => {
    const asking = own.filter(({ method, status }) => method === "PUT" && status === mustWait?.status);
    return asking.flatMap(({ at }) => {
      const next = own.find((call) => call.at > at && call.at < at + (mustWait?.seconds ?? 0) * 1000);
      const asked = `its PUT at ${shown(at)} was answered that it wait ${mustWait?.seconds} s`;
      return next ? [`Request ${name} sent a ${next.method} at ${shown(next.at)}, although ${asked}.`] : [];
    });
  });
}
