import type { EndpointResponse } from "../https-server.ts";
import type { Operation } from "./operations.ts";

/** A response of the simulator, without the headers that every response has. */
export interface ArmResponse extends EndpointResponse {
  /** The operation that the request began. It is not sent. */
  readonly operation?: Operation;
}

/** A request that belongs to a route, with the names in its path. */
export interface ArmRequest {
  readonly method: string;
  /** Path and query exactly as the client sent them. */
  readonly url: string;
  readonly apiVersion: string;
  readonly names: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Returns an error in Resource Manager's form. */
export function armError(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): ArmResponse {
  return { status, headers, body: { error: { code, message } } };
}

/**
 * Returns the response for a parent that does not exist. It comes from Resource Manager itself, as
 * its header says. For a missing connection the provider's code is `NotFound` instead.
 */
export function parentNotFound(type: string, name: string, group: string): ArmResponse {
  const message = `The Resource '${type}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`;
  return armError(404, "ResourceNotFound", message, { "x-ms-failure-cause": "gateway" });
}
