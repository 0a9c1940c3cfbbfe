import { canonicalJson } from "../../shared/canonical-json.ts";
import type { ReadMessage } from "../../shared/contract/message.ts";
import { fingerprintsOf, type KeyRing } from "../../shared/secrets/key-ring.ts";
import type { ReceivedMessage } from "./request-message.ts";

/** The application properties of a request that the app sent to its queue again. */
const names = { arrival: "firstArrival", count: "resubmissions", proof: "firstArrivalProof" } as const;

type Named = Pick<ReadMessage, "source" | "id">;

/**
 * Returns the application properties with which a request is sent to its queue again: its first
 * arrival, and how often it was sent. Both decide which of two requests is newer and when one is
 * given up, so they are signed: nobody else can set them.
 */
export function resubmissionPropertiesOf(message: ReceivedMessage, read: Named, keys: KeyRing): Record<string, unknown> {
  const arrival = `${message.queue} ${message.receivedAt} ${message.sequenceNumber}`;
  const count = message.resubmissions + 1;
  const [proof] = proofsOf(read, arrival, count, keys);
  return { ...message.applicationProperties, [names.arrival]: arrival, [names.count]: count, [names.proof]: proof };
}

/**
 * Returns a message with its first arrival in the place of its last one, if the app itself sent it
 * to its queue again. Properties that were not signed with a key of the ring are ignored.
 */
export function restoreFirstArrival<Message extends ReceivedMessage>(message: Message, read: Named, keys: KeyRing): Message {
  const { [names.arrival]: arrival, [names.count]: count, [names.proof]: proof } = message.applicationProperties;
  if (typeof arrival !== "string" || typeof count !== "number" || typeof proof !== "string") return message;
  if (!proofsOf(read, arrival, count, keys).includes(proof)) return message;
  const [queue, receivedAt = "", sequenceNumber = ""] = arrival.split(" ");
  // The numbers of two queues tell nothing of one another.
  if (queue !== message.queue) return message;
  return { ...message, receivedAt, sequenceNumber, resubmissions: count };
}

function proofsOf({ source, id }: Named, arrival: string, count: number, keys: KeyRing): string[] {
  return fingerprintsOf("arrival", canonicalJson([source, id, arrival, count]), keys);
}
