import { setTimeout as pause } from "node:timers/promises";
import { isServiceBusError, type ServiceBusReceivedMessage, type ServiceBusSessionReceiver } from "@azure/service-bus";
import { WrongUse } from "./command-line.ts";
import { finalFault, type Namespace, openClient, reasonOf } from "./namespace.ts";
import type { Outgoing } from "./outgoing.ts";

/** So many sessions are open at once; each is a link of the one connection. */
const MOST_SESSIONS = 50;
/** If other requests wait for a session, one without an answer gives its own up after this time. */
const TURN_MS = 3_000;
/** The lock of a session lasts for a minute. It is renewed after each wait. */
const LONGEST_WAIT_MS = 20_000;
/** The connection is lost if the namespace could not be reached for so long. */
const LOST_AFTER_MS = 20_000;
/** A command that was killed may have left a session locked for a minute. */
const LOCKED_FOR_MS = 65_000;
const RETRY_MS = 500;

/** The connection was lost after requests were sent. The message says why. */
export class ConnectionLost extends Error {}

/** Hears what becomes of requests. */
export interface Listener {
  /** The session for its answer is taken, so that it waits before it is sent. */
  readonly blocked?: (request: Outgoing) => void;
  readonly sent: (request: Outgoing) => void;
  readonly answered: (request: Outgoing, message: ServiceBusReceivedMessage) => void;
}

/** A request on its way. */
interface Errand {
  readonly request: Outgoing;
  readonly sent: PromiseWithResolvers<void>;
  /** Resolves when the request before it was sent. */
  readonly before: Promise<void> | undefined;
  isSent: boolean;
}

/**
 * Sends requests in their order over one connection, and waits for the answer to each on its reply
 * session if `wait` says so. Throws `WrongUse` if the namespace does not take them,
 * `ConnectionLost` if it went away, and the reason of `signal` when that is aborted.
 */
export async function converse(
  namespace: Namespace,
  requests: readonly Outgoing[],
  { wait, signal: aborted, blocked, sent, answered }: Listener & { readonly wait: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const client = await openClient(namespace);
  const sender = client.createSender(namespace.requestQueue);
  const ended = new AbortController();
  const signal = AbortSignal.any([aborted, ended.signal]);
  const persistently = retrying(namespace, signal, blocked);
  const waiting = errandsOf(requests);

  async function send(errand: Errand): Promise<void> {
    await errand.before;
    const { body, contentType, messageId, replyToSessionId } = errand.request;
    await sender.sendMessages({ body, contentType, messageId, replyToSessionId }, { abortSignal: signal });
    errand.isSent = true;
    errand.sent.resolve();
    sent(errand.request);
  }

  /** Sends a request once. Returns its answer, or undefined if it is another request's turn. */
  async function converseOn(receiver: ServiceBusSessionReceiver, errand: Errand, reached: () => void) {
    if (!errand.isSent) {
      await removeOldAnswers(receiver);
      await send(errand);
    }
    for (;;) {
      reached();
      const maxWaitTimeInMs = waiting.length > 0 ? TURN_MS : LONGEST_WAIT_MS;
      const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs, abortSignal: signal });
      // If it cannot be completed, the next command that sends the same request removes it.
      if (message) await receiver.completeMessage(message).catch(() => {});
      if (message || waiting.length > 0) return message;
      await receiver.renewSessionLock();
    }
  }

  async function turn(errand: Errand, reached: () => void): Promise<ServiceBusReceivedMessage | undefined> {
    const options = { maxAutoLockRenewalDurationInMs: 0, abortSignal: signal };
    const receiver = await client.acceptSession(namespace.completionTopic, "replies", errand.request.replyToSessionId, options);
    try {
      return await converseOn(receiver, errand, reached);
    } finally {
      await receiver.close().catch(() => {});
    }
  }

  async function takeTurns(): Promise<void> {
    for (let errand = waiting.shift(); errand; errand = waiting.shift()) {
      const current = errand;
      const message = await persistently(current.request, (reached) => turn(current, reached));
      if (message) answered(current.request, message);
      else waiting.push(current);
    }
  }

  try {
    if (wait) await Promise.all(Array.from({ length: Math.min(MOST_SESSIONS, requests.length) }, takeTurns));
    else for (const errand of waiting) await persistently(errand.request, () => send(errand));
  } finally {
    ended.abort();
    await client.close();
  }
}

function errandsOf(requests: readonly Outgoing[]): Errand[] {
  let before: Promise<void> | undefined;
  return requests.map((request) => {
    const sent = Promise.withResolvers<void>();
    const errand = { request, sent, before, isSent: false };
    before = sent.promise;
    return errand;
  });
}

/**
 * Removes the answers that are there before the request is sent. They belong to another file with
 * this source and id, or will be sent again.
 */
async function removeOldAnswers(receiver: ServiceBusSessionReceiver): Promise<void> {
  const { length } = await receiver.peekMessages(100);
  if (length === 0) return;
  for (const message of await receiver.receiveMessages(length, { maxWaitTimeInMs: 1_000 })) await receiver.completeMessage(message);
}

/**
 * Returns a function that tries something until it succeeds, or until another try is no use. What
 * it tries calls `reached` each time the namespace was reached.
 */
function retrying(namespace: Namespace, signal: AbortSignal, blocked: Listener["blocked"] = () => {}) {
  let wasReached = false;
  return async function persistently<T>(request: Outgoing, attempt: (reached: () => void) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    let failingSince: number | undefined;
    const reached = () => {
      wasReached = true;
      failingSince = undefined;
    };
    for (;;) {
      try {
        const result = await attempt(reached);
        reached();
        return result;
      } catch (error) {
        signal.throwIfAborted();
        const fault = finalFault(error, request, namespace);
        if (fault) throw new WrongUse(fault);
        const now = performance.now();
        failingSince ??= now;
        if (isServiceBusError(error) && error.code === "SessionCannotBeLocked") {
          blocked(request);
          if (now - startedAt > LOCKED_FOR_MS) throw new WrongUse(takenSession(request, namespace));
        } else if (!wasReached) throw new WrongUse(`No request was sent: ${reasonOf(error, namespace)}.`);
        else if (now - failingSince > LOST_AFTER_MS) throw new ConnectionLost(reasonOf(error, namespace));
        await pause(RETRY_MS, undefined, { signal });
      }
    }
  };
}

function takenSession({ file }: Outgoing, { completionTopic }: Namespace): string {
  return `The session for the answer to ${file} is taken: another command waits there, or ${completionTopic} has no subscription replies.`;
}
