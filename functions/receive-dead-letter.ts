import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { type ReadMessage, readMessage } from "../shared/contract/message.ts";
import { rejectionOf } from "../shared/contract/rejection.ts";
import { instanceIdOf } from "../shared/instance-id.ts";
import { problem } from "../shared/problem.ts";
import { answerUnreadable } from "./answer-unreadable.ts";
import { logStepOf } from "./log-step.ts";
import { persistently } from "./persistently.ts";
import type { Receiving } from "./receive-request.ts";
import { payloadPrints, recognise } from "./recognise.ts";
import { type ReceivedMessage, receivedMessage } from "./request-message.ts";
import { startAnswer } from "./start-answer.ts";

const MOST_RESUBMISSIONS = 5;
const FIRST_DELAY_MS = 5 * 60_000;

/**
 * Takes a request that was delivered in vain: where an instance of it exists all the same, that answers; otherwise it is sent to the request queue again,
 * later and later, five times in all; and at the end it is answered as Undeliverable.
 */
export function receiveDeadLetter(receiving: Receiving) {
  return async (body: unknown, context: InvocationContext): Promise<void> => {
    const message = receivedMessage(body, context, receiving);
    const read = readMessage(message);
    // Here nobody counts deliveries, and a message that is given back comes again at once.
    await persistently(
      () => ("unreadable" in read ? answerUnreadable(message, read, context, receiving) : takeBack(message, read, context, receiving)),
      message,
      context,
      receiving,
    );
  };
}

async function takeBack(message: ReceivedMessage, read: ReadMessage, context: InvocationContext, receiving: Receiving): Promise<void> {
  const instanceId = instanceIdOf(read.source, read.id);
  if (await recognise(instanceId, message, read, context, receiving)) return;

  const about = { instanceId, requestId: read.id, requestSource: read.source, resubmissions: message.resubmissions };
  if (message.resubmissions < MOST_RESUBMISSIONS) {
    const at = new Date(receiving.now().getTime() + FIRST_DELAY_MS * 2 ** message.resubmissions);
    await receiving.outbox.resubmit(message, at);
    return logStepOf(context)("resubmitted", about);
  }
  const asked = { requestId: read.id, requestSource: read.source, traceparent: read.traceparent, ticket: read.ticket, ...message };
  const because = problem("Undeliverable", `The app could not begin this request in ${MOST_RESUBMISSIONS} rounds of deliveries.`);
  const completion = rejectionOf(`${instanceId}.completed`, asked, because, receiving.now());
  const fingerprints = payloadPrints(read, receiving.keys);
  await startAnswer(df.getClient(context), instanceId, { claimId: instanceId, fingerprints, completion });
  logStepOf(context)("rejected", { ...about, problem: "Undeliverable" });
}
