import type { ServiceBusReceivedMessage } from "@azure/service-bus";
import { converse } from "./conversation.ts";
import type { Namespace } from "./namespace.ts";
import { outgoingOf } from "./outgoing.ts";

/**
 * Sends the content of one file as a request, and returns the message with its completion. Rejects
 * when `signal` is aborted.
 */
export async function sendAndAwait(
  address: string,
  content: Buffer,
  names: Pick<Namespace, "requestQueue" | "completionTopic">,
  signal: AbortSignal,
): Promise<ServiceBusReceivedMessage> {
  const answer = Promise.withResolvers<ServiceBusReceivedMessage>();
  const request = outgoingOf({ name: "The request", content }, names.requestQueue);
  const namespace = { ...names, address, functionsHost: null };
  await converse(namespace, [request], { wait: true, signal, sent: () => {}, answered: (_, message) => answer.resolve(message) });
  return answer.promise;
}
