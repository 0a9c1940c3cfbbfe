import type { ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";

const TIMEOUT_MS = 20_000;

/**
 * Returns the first messages of a queue from a sequence number on, and takes none. Without a number
 * the client would continue after the last message that any receiver of this queue has ever seen,
 * and miss those that are still there.
 */
export async function peekMessages(receiver: ServiceBusReceiver, most: number, from: bigint): Promise<ServiceBusReceivedMessage[]> {
  const { default: Long } = await import("long");
  return receiver.peekMessages(most, { fromSequenceNumber: Long.fromString(String(from)), abortSignal: AbortSignal.timeout(TIMEOUT_MS) });
}
