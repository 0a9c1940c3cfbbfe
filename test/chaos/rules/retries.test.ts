import { at, event, good, look, put, sent } from "../hand-made.ts";
import type { Call, Trace } from "../trace.ts";
import { judge } from "./judged.ts";

const time = (seconds: number) => new Date(at(seconds)).toISOString();
const throttled = { at: time(5), action: "put", status: 429, retryAfterSeconds: 10 };
const of = (attempt: Partial<typeof throttled>, ...calls: Call[]): Trace => ({
  ...good,
  sent: [sent("one")],
  received: [event("one", { completed: 40, attempts: [{ ...throttled, ...attempt }] })],
  calls: [look("one", 3), put("one", 4, null, { status: 429 }), ...calls, look("one", 16), put("one", 17, 30)],
  waiting: [],
});

/** The event tells nothing of the wait. */
function spared(call: Call): Trace {
  const trace = of({ retryAfterSeconds: null as never }, call);
  return { ...trace, sent: trace.sent.map((message) => ({ ...message, mustWait: { status: 429, seconds: 10 } })) };
}

judge(
  ["a call after the wait that was asked for", of({})],
  [
    "a call before that",
    of({}, look("one", 14)),
    /Request \/a one was told 429 at .*05\.000Z, and to wait 10 s; it sent a GET at .*14\.000Z/,
  ],
  ["a call of somebody else before that", of({}, look("two", 14))],
  ["a call that was on its way when the wait was asked for", of({}, look("one", 4.9))],
  ["a call after the wait that a PUT's answer asked for", spared(look("one", 15))],
  [
    "a call before that, whatever the event tells",
    spared(look("one", 10)),
    /sent a GET at .*10\.000Z, although its PUT at .*04\.000Z was answered that it wait 10 s/,
  ],
  ["a call of somebody else before that, too", spared(look("two", 10))],
  ["a call after something that was only looked up", of({ action: "check" }, look("one", 14))],
);
