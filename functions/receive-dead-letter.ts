import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import type { ReadMessage } from "../shared/contract/message.ts";
import { rejectionOf } from "../shared/contract/rejection.ts";
import { instanceIdOf } from "../shared/instance-id.ts";
import { problem } from "../shared/problem.ts";
import { logStepOf } from "./log-step.ts";
import { payloadPrints, recognise } from "./recognise.ts";
import type { ReceivedMessage } from "./request-message.ts";
import { startAnswer } from "./start-answer.ts";
import { type Receiving, takeMessage } from "./take-message.ts";

const MOST_RESUBMISSIONS = 5;
const FIRST_DELAY_MS = 5 * 60_000;

/**
 * Takes a request that was delivered in vain. If an instance of it exists all the same, that one
 * answers. Otherwise it is sent to its own queue again, later and later, five times in all, and at
 * the end it is answered as Undeliverable. Here nobody counts deliveries.
 */
export function receiveDeadLetter(receiving: Receiving) {
  return takeMessage(takeBack, receiving);
}

async function takeBack(message: ReceivedMessage, read: ReadMessage, context: InvocationContext, receiving: Receiving): Promise<void> {
  const instanceId = instanceIdOf(read.source, read.id);
  if (await recognise(instanceId, message, read, context, receiving)) return;

  const about = { instanceId, requestId: read.id, requestSource: read.source, resubmissions: message.resubmissions };
  if (message.resubmissions < MOST_RESUBMISSIONS && (await isSentAgain(message, receiving))) {
    return logStepOf(context)("resubmitted", about);
  }
  const asked = { requestId: read.id, requestSource: read.source, traceparent: read.traceparent, ticket: read.ticket, ...message };
  const because = problem("Undeliverable", `The app could not begin this request in ${MOST_RESUBMISSIONS} rounds of deliveries.`);
  const completion = rejectionOf(`${instanceId}.completed`, asked, because, receiving.now());
  const fingerprints = payloadPrints(read, receiving.keys);
  await startAnswer(df.getClient(context), instanceId, { claimId: instanceId, fingerprints, completion });
  logStepOf(context)("rejected", { ...about, problem: "Undeliverable" });
}

/**
 * Sends a request to its queue again. Returns false if it is too large for that: the count of
 * resubmissions makes it a little larger than it was.
 */
async function isSentAgain(message: ReceivedMessage, { outbox, now }: Receiving): Promise<boolean> {
  const at = new Date(now().getTime() + FIRST_DELAY_MS * 2 ** message.resubmissions);
  try {
    await outbox.resubmit(message, at);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MessageSizeExceeded") return false;
    throw error;
  }
}
