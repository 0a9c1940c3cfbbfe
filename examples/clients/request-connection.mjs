// Sends one request and waits for its answer.
//
//   ServiceBus='Endpoint=sb://…' node request-connection.mjs request.json
//
// Copy it: it needs Node 20 or newer and the package @azure/service-bus. In Azure use an identity in
// place of the connection string:
//   new ServiceBusClient("<namespace>.servicebus.windows.net", new DefaultAzureCredential())
//
// Exit code: 0 succeeded or planned, 1 not, 2 no answer.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ServiceBusClient } from "@azure/service-bus";

const {
  ServiceBus,
  REQUEST_QUEUE = "vpn-connection-requests",
  COMPLETION_TOPIC = "vpn-connection-events",
  RETRY_SECONDS = "300",
} = process.env;
const [, , file] = process.argv;
if (!file || !ServiceBus) {
  console.error("Usage: ServiceBus='Endpoint=sb://…' node request-connection.mjs request.json");
  process.exit(2);
}

const MINUTE_MS = 60_000;
const client = new ServiceBusClient(ServiceBus);
try {
  process.exitCode = await requestUntilDone(JSON.parse(readFileSync(file, "utf8")));
} catch (error) {
  console.error(`${error.message}\nIf the request was sent, it goes on. Send the same file again to get its answer.`);
  process.exitCode = 2;
} finally {
  await client.close();
}

/** Sends a request, and sends it again if that can help. Returns the exit code. */
async function requestUntilDone(event) {
  for (let tries = 1; ; tries++) {
    const { outcome, problem } = await request(event);
    if (outcome === "Succeeded" || outcome === "Planned") return 0;
    // `retryable` says that the same request may succeed later, `actor` who must do something first.
    if (tries === 3 || !problem.retryable || problem.actor !== "nobody") return 1;
    console.error(`${problem.message} Sending it again in ${RETRY_SECONDS} s.`);
    await sleep(Number(RETRY_SECONDS) * 1000);
    // A new try needs a new id: under the old one the old answer comes back.
    event = { ...event, id: randomUUID() };
  }
}

/** Sends a request and returns the data of its answer. */
async function request(event) {
  const { deadlineMinutes = 60, queueDeadlineMinutes = 1440 } = event.data;
  const endsAt = Date.now() + (deadlineMinutes + queueDeadlineMinutes + 10) * MINUTE_MS;
  // The session comes first, so that a missing right is seen before anything is changed.
  let session = await acceptSession(event.id, endsAt);
  await persist(() => send(event));
  while (Date.now() < endsAt) {
    try {
      // Many short waits: a change takes 30 minutes or more, and may wait for its gateway for a day.
      const [answer] = await session.receiveMessages(1, { maxWaitTimeInMs: MINUTE_MS });
      if (!answer) continue;
      console.log(JSON.stringify(answer.body, null, 2));
      // Not before the answer is safe: what is not completed is delivered again.
      await session.completeMessage(answer);
      await session.close();
      return answer.body.data;
    } catch (error) {
      // The connection or the lock was lost. The answer stays in the session for a day.
      console.error(`${error.message}\nWaiting again.`);
      session = await acceptSession(event.id, endsAt);
    }
  }
  throw new Error(`There is no answer to ${event.id}.`);
}

/**
 * Accepts the session for answers. It is named by the request's id, so that a client that was killed
 * finds the answer when it runs again. Its lock lasts a minute, and is renewed until `endsAt`.
 */
function acceptSession(id, endsAt) {
  const maxAutoLockRenewalDurationInMs = Math.max(endsAt - Date.now(), MINUTE_MS);
  return persist(() => client.acceptSession(COMPLETION_TOPIC, "replies", id, { maxAutoLockRenewalDurationInMs }));
}

/** Sends a request. Doing it twice is safe: the same source and id is the same request. */
async function send(event) {
  const sender = client.createSender(REQUEST_QUEUE);
  // The body is the object, not its text: the client makes JSON of it.
  await sender.sendMessages({
    body: event,
    contentType: "application/cloudevents+json",
    messageId: event.id,
    replyToSessionId: event.id,
  });
  await sender.close();
}

/** Tries something for two minutes. The session of a client that was killed is locked for one. */
async function persist(work) {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const isFinal = ["MessagingEntityNotFound", "UnauthorizedAccess", "MessageSizeExceeded"].includes(error.code);
      if (isFinal || tries === 13) throw error;
      console.error(`${error.message}\nTrying again.`);
      await sleep(10_000);
    }
  }
}
