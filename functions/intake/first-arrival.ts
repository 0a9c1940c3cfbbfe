import type { ReadMessage } from "../../shared/contract/message.ts";
import { canonicalJson } from "../../shared/json/canonical.ts";
import { fingerprintsOf, type KeyRing } from "../../shared/secrets/key-ring.ts";
import type { ReceivedMessage } from "./request-message.ts";

/** The application properties of a request that the app sent to its queue again. */
const names = { arrival: "firstArrival", count: "resubmissions", proof: "firstArrivalProof" } as const;

type RequestIdentity = Pick<ReadMessage, "source" | "id">;

/**
 * Returns the application properties for sending a request to its queue again: when it first
 * arrived, and how often it was sent. They decide which of two requests is newer, and when the app
 * gives up. So they are signed, and no sender can forge them.
 */
export function resubmissionPropertiesOf(message: ReceivedMessage, read: RequestIdentity, keys: KeyRing): Record<string, unknown> {
  const arrival = `${message.queue} ${message.receivedAt} ${message.sequenceNumber}`;
  const count = message.resubmissions + 1;
  // One for each sealing key: the next instance of the app may lack the first one.
  const proof = proofsOf(read, arrival, count, keys).join(" ");
  return { ...message.applicationProperties, [names.arrival]: arrival, [names.count]: count, [names.proof]: proof };
}

/**
 * Returns a message with the time and number of its first arrival, if the app itself sent it to its
 * queue again. Ignores properties without a valid signature by a sealing key.
 */
export function restoreFirstArrival<Message extends ReceivedMessage>(message: Message, read: RequestIdentity, keys: KeyRing): Message {
  const { [names.arrival]: arrival, [names.count]: count, [names.proof]: proof } = message.applicationProperties;
  if (typeof arrival !== "string" || typeof count !== "number" || typeof proof !== "string") return message;
  const given = proof.split(" ");
  if (!proofsOf(read, arrival, count, keys).some((own) => given.includes(own))) return message;
  const [queue, receivedAt = "", sequenceNumber = ""] = arrival.split(" ");
  // Sequence numbers of two queues cannot be compared.
  if (queue !== message.queue) return message;
  return { ...message, receivedAt, sequenceNumber, resubmissions: count };
}

function proofsOf({ source, id }: RequestIdentity, arrival: string, count: number, keys: KeyRing): string[] {
  return fingerprintsOf("arrival", canonicalJson([source, id, arrival, count]), keys);
}
