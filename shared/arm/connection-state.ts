import { field } from "../json/field.ts";
import { type ArmResponse, bodyOf, type OperationState, provisioningStateOf, stateOf } from "./response.ts";

/**
 * Returns the connection in the body of a response, or undefined if the body is no connection. A
 * proxy or gateway on the way may also respond with 200.
 */
export function connectionOf(response: ArmResponse): object | undefined {
  const body = bodyOf(response);
  return provisioningStateOf(body) === undefined ? undefined : (body as object);
}

/**
 * Returns the common state of a connection and its link connections. If one of them is still being
 * changed, it is InProgress. Otherwise, if one failed, it is Failed. Azure may report an operation
 * as done while a link is still being changed
 * (https://github.com/Azure/azure-rest-api-specs/issues/26660 shows the pattern).
 */
export function connectionStateOf(resource: unknown): OperationState {
  const links = field(field(resource, "properties"), "vpnLinkConnections");
  const parts = [resource, ...(Array.isArray(links) ? links.filter((link) => provisioningStateOf(link) !== undefined) : [])];
  const states = parts.map((part) => stateOf(provisioningStateOf(part)));
  return states.find((state) => state === "InProgress") ?? states.find((state) => state !== "Succeeded") ?? "Succeeded";
}

/** Returns true if Azure is deleting the connection. */
export function isBeingDeleted(resource: unknown): boolean {
  return String(provisioningStateOf(resource)).toLowerCase() === "deleting";
}
