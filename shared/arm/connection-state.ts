import { field } from "../json/field.ts";
import { type ArmResponse, bodyOf, type OperationState, provisioningStateOf, stateOf } from "./response.ts";

/** The connection that a read answered with, or nothing where the body is none: whatever stands in between may answer 200 too. */
export function connectionIn(answer: ArmResponse): object | undefined {
  const body = bodyOf(answer);
  return provisioningStateOf(body) === undefined ? undefined : (body as object);
}

/**
 * The state of a connection and of all its link connections together: one that failed makes it Failed, one that is still being changed InProgress.
 * Azure may call the operation done while a link is not (https://github.com/Azure/azure-rest-api-specs/issues/26660 shows the pattern).
 */
export function connectionStateOf(resource: unknown): OperationState {
  const links = field(field(resource, "properties"), "vpnLinkConnections");
  const parts = [resource, ...(Array.isArray(links) ? links.filter((link) => provisioningStateOf(link) !== undefined) : [])];
  const states = parts.map((part) => stateOf(provisioningStateOf(part)));
  return states.find((state) => state === "InProgress") ?? states.find((state) => state !== "Succeeded") ?? "Succeeded";
}
