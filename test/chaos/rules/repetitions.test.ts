import { at, event, good, put, sent, withLooks } from "../hand-made.ts";
import type { Received, Sent, Trace } from "../trace.ts";
import { judge } from "./judged.ts";

const told = (more: Parameters<typeof event>[1] = {}) => event("one", { completed: 20, at: 21, ...more });
const numbered = (number: number) => told({ at: 70, messageId: `vpn-one.completed.r${number}` });
/** The other request of the good trace, whose first one was repeated because of message 7. */
const two = (number: number) =>
  withLooks({
    ...good,
    received: [...good.received, event("two", { enqueued: 2, granted: 21, at: 70, messageId: `vpn-two.completed.r${number}` })],
  });

judge(
  ["a repetition that is answered", again(told({ at: 70, messageId: "vpn-one.completed.r9" }))],
  ["a repetition that is not answered", again(), /came again 1 times after its answer, which was sent again 1 times less/],
  ["a repetition that was answered before it came", again(told({ at: 30, messageId: "vpn-one.completed.r9" })), /came again 1 times/],
  [
    "a repetition on a session that hears nothing",
    again(told({ at: 70, messageId: "vpn-one.completed.r9" }), { replyTo: "s" }),
    /wanted its answer on session s, where there is none/,
  ],
  [
    "a repetition because of a message that never was",
    again(numbered(100)),
    /vpn-one\.completed\.r100 names a message that the queue never had/,
  ],
  ["repetitions because of two messages", two(8)],
  ["repetitions of two answers because of one message", two(7), /because of one message, number 7/],
);

/** The request comes again when all is over. */
function again(received?: Received, more: Partial<Sent> = {}): Trace {
  const trace = { ...good, received: [told(), ...(received ? [received] : [])], calls: [put("one", 5, 15)], waiting: [] };
  return withLooks({ ...trace, sent: [sent("one"), sent("one", { at: at(65), late: true, ...more })] });
}
