import { createHash, randomUUID } from "node:crypto";
import { ServiceBusClient, type ServiceBusReceivedMessage } from "@azure/service-bus";

/** The names a requester has to know. */
export interface Addresses {
  readonly requestQueue: string;
  readonly completionTopic: string;
}

/**
 * Sends one request as any integrator would, and waits for its completion on a reply session.
 * `file` goes out byte for byte: as a structured CloudEvent where it has `specversion`, else as a
 * bare body under a new message id. Rejects when `signal` is aborted.
 */
export async function sendAndAwait(
  connectionString: string,
  file: Buffer,
  { requestQueue, completionTopic }: Addresses,
  signal: AbortSignal,
): Promise<ServiceBusReceivedMessage> {
  const client = new ServiceBusClient(connectionString);
  const structured = file.includes('"specversion"');
  const replyToSessionId = (structured && sessionOf(file)) || randomUUID();
  try {
    await client.createSender(requestQueue).sendMessages(
      {
        body: file,
        contentType: structured ? "application/cloudevents+json" : "application/json",
        messageId: randomUUID(),
        replyToSessionId,
      },
      { abortSignal: signal },
    );
    const receiver = await client.acceptSession(completionTopic, "replies", replyToSessionId, { abortSignal: signal });
    for (;;) {
      const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 60_000, abortSignal: signal });
      await receiver.renewSessionLock();
      if (!message) continue;
      await receiver.completeMessage(message);
      return message;
    }
  } finally {
    await client.close();
  }
}

/**
 * Returns the same session for the same request: without a source prefix of the queue, the answer
 * to a repetition goes where the first one went. Made of source and id alone, because the session's
 * name is seen on the topic, and the rest of a request may hold keys.
 */
function sessionOf(file: Buffer): string | undefined {
  try {
    const { source, id } = JSON.parse(file.toString()) as { source: unknown; id: unknown };
    return `send-${createHash("sha256").update(`${source}\n${id}`).digest("hex")}`;
  } catch {
    return undefined;
  }
}
