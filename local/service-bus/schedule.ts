import { ServiceBusError } from "./errors.ts";
import type { Message } from "./message.ts";
import { callAt } from "./timers.ts";

/** Creates the list of scheduled messages, by sequence number. */
export function createSchedule() {
  const scheduled = new Map<number, { message: Message; cancel: () => void }>();
  return {
    add(message: Message, time: number, due: () => void) {
      const { sequenceNumber } = message;
      const fire = () => {
        scheduled.delete(sequenceNumber);
        due();
      };
      scheduled.set(sequenceNumber, { message, cancel: callAt(time, fire) });
    },
    /** Cancels a scheduled message. Throws `message-not-found` if it is not scheduled any more. */
    cancel(sequenceNumber: number) {
      scheduled.get(sequenceNumber)?.cancel();
      if (!scheduled.delete(sequenceNumber)) throwMessageNotFound();
    },
    messages: (): Message[] => [...scheduled.values()].map(({ message }) => message),
    close() {
      for (const { cancel } of scheduled.values()) cancel();
    },
  };
}

/** Throws the error for a sequence number that belongs to no message. */
export function throwMessageNotFound(): never {
  throw new ServiceBusError(
    "com.microsoft:message-not-found",
    "Failed to lock one or more specified messages. The message does not exist.",
  );
}
