import type { Answer } from "../https-server.ts";
import type { Operation } from "./operations.ts";

/** What the simulator answers, before the headers that every answer carries. */
export interface ArmAnswer extends Answer {
  /** The operation that the request began; not sent. */
  readonly operation?: Operation;
}

/** A request that one of the routes understood, with its path apart. */
export interface ArmRequest {
  readonly method: string;
  /** Path and query exactly as they came. */
  readonly url: string;
  readonly apiVersion: string;
  readonly names: Readonly<Record<string, string>>;
  readonly text: string;
}

/** An error in Resource Manager's form. */
export function armError(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): ArmAnswer {
  return { status, headers, body: { error: { code, message } } };
}

/** A parent that does not exist: answered by Resource Manager itself, which its header says. A missing connection is the provider's `NotFound` instead. */
export function parentNotFound(type: string, name: string, group: string): ArmAnswer {
  const message = `The Resource '${type}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`;
  return armError(404, "ResourceNotFound", message, { "x-ms-failure-cause": "gateway" });
}
