import type { InvocationContext } from "@azure/functions";
import type { Completion } from "../shared/contract/completion.ts";
import type { ReadMessage } from "../shared/contract/message.ts";
import { dataOf, type ProvisioningRequest } from "../shared/contract/request.ts";
import { connectionNameIn, connectionNameOf, type RequestNames, ticketIdOf } from "../shared/contract/request-names.ts";
import type { ConnectionInput } from "./connection-input.ts";

/** Writes one step of a request to the app's log: one line of JSON with fixed field names, so that logs can be queried by them. */
export type LogStep = (step: string, fields: Readonly<Record<string, unknown>>) => void;

/** Makes the step log of one invocation. */
export function logStepOf(context: InvocationContext): LogStep {
  return (step, fields) => context.info(JSON.stringify({ step, ...fields }));
}

/** Returns what every log line about a message says. */
export function namesInMessage({ id, source, data, ticket }: ReadMessage): RequestNames & { readonly requestSource: string } {
  return { requestId: id, requestSource: source, connection: connectionNameIn(data), ticketId: ticketIdOf(ticket) };
}

/** Returns what every log line about a completion says. */
export function namesInCompletion({ event, ticket }: Completion): RequestNames {
  const [, gatewayName, connectionName] = /\/vpnGateways\/([^/]+)\/vpnConnections\/([^/]+)$/.exec(event.subject ?? "") ?? [];
  const connection = gatewayName && connectionName ? connectionNameOf({ gatewayName, connectionName }) : null;
  return { requestId: event.data.requestId, connection, ticketId: ticketIdOf(ticket) };
}

/** Returns what every log line of an activity says of its request, as far as its input tells. */
export function namesInInput(input: unknown): Partial<RequestNames & Pick<ConnectionInput, "instanceId">> {
  if (typeof input !== "object" || input === null) return {};
  if ("event" in input && "ticket" in input) return namesInCompletion(input as Completion);
  if (!("requestId" in input)) return {};
  if ("target" in input) {
    const { instanceId, requestId, target, ticketId } = input as ConnectionInput;
    return { instanceId, requestId, connection: connectionNameOf(target), ticketId };
  }
  const request = input as ProvisioningRequest;
  const { instanceId, requestId, ticket } = request;
  return { instanceId, requestId, connection: connectionNameIn(dataOf(request)), ticketId: ticketIdOf(ticket) };
}
