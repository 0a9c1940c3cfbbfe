import type { Completion } from "../../shared/contract/completion.ts";
import type { ReadMessage } from "../../shared/contract/message.ts";
import { connectionNameIn, connectionNameOf, type RequestNames, ticketIdOf } from "../../shared/contract/request-names.ts";
import type { ConnectionInput } from "../../shared/durable/activities.ts";
import { dataOf, type ProvisioningRequest } from "../../shared/durable/request.ts";

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

/** Returns what every log line of an activity says of its request, as far as its input knows it. */
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
