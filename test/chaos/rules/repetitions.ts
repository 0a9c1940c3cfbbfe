import type { Delivery, History, Request } from "../events.ts";

/**
 * Whoever asks again for what was answered long ago gets the answer again: one more message for
 * each, on the session that was asked for.
 */
export function repetitions({ requests, trace }: History): string[] {
  const numbered = requests.flatMap(({ payloads }) => [...payloads.values()].flatMap(({ deliveries }) => deliveries.flatMap(numberOf)));
  const strange = numbered.filter(({ number }) => number >= trace.nextNumber);
  return [
    ...strange.map(({ messageId }) => `Message ${messageId} names a message that the queue never had.`),
    ...Map.groupBy(numbered, ({ number }) => number)
      .entries()
      .filter(([, named]) => new Set(named.map(({ id }) => id)).size > 1)
      .map(
        ([number, named]) =>
          `The events ${named.map(({ id }) => id).join(" and ")} were sent again because of one message, number ${number}.`,
      ),
    ...requests.flatMap(unrepeated),
  ];
}

/** The message because of which an answer was sent again. */
function numberOf({ event: { id }, messageId }: Delivery) {
  const number = /\.r(\d+)$/.exec(messageId)?.[1];
  return number === undefined ? [] : [{ id, messageId, number: Number(number) }];
}

function unrepeated({ name, own, answers }: Request): string[] {
  const late = own.filter((message) => message.late);
  if (late.length === 0) return [];
  const since = Math.min(...late.map(({ at }) => at));
  const again = answers.filter(({ at, event, messageId }) => at >= since && messageId !== event.id);
  const missing = late.length - new Set(again.map(({ messageId }) => messageId)).size;
  const unheard = late.filter(({ replyTo }) => replyTo !== undefined && !again.some(({ sessionId }) => sessionId === replyTo));
  return [
    ...(missing > 0
      ? [`Request ${name} came again ${late.length} times after its answer, which was sent again ${missing} times less.`]
      : []),
    ...unheard.map(({ replyTo }) => `Request ${name} came again and wanted its answer on session ${replyTo}, where there is none.`),
  ];
}
