import { AsyncLocalStorage } from "node:async_hooks";
import type { InvocationContext } from "@azure/functions";
import { receiveRequest as realReceiveRequest } from "../../../functions/intake/receive-request.ts";
import { instanceIdOf as realInstanceIdOf } from "../../../shared/durable/instance-id.ts";

export * from "../../../functions/intake/receive-request.ts";
export * from "../../../shared/durable/instance-id.ts";

const messages = new AsyncLocalStorage<unknown>();

export const receiveRequest: typeof realReceiveRequest = (queue, dependencies) => {
  const receive = realReceiveRequest(queue, dependencies);
  return (body: unknown, context: InvocationContext) =>
    messages.run(context.triggerMetadata?.["sequenceNumber"], () => receive(body, context));
};

/** An instance for every message, not for every source and id. */
export const instanceIdOf: typeof realInstanceIdOf = (source, id) => realInstanceIdOf(source, `${id} ${messages.getStore()}`);
