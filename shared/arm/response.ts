import type { ArmError } from "../contract/problem.ts";
import { field } from "../json/field.ts";
import { findWaitHint, readRetryAfter } from "./retry-after.ts";

/** An unchanged response of Resource Manager. Header names are in lower case. */
export interface ArmResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The state of an operation. Each unknown word of Azure counts as InProgress. */
export type OperationState = "InProgress" | "Succeeded" | "Failed" | "Canceled";

/** Deeper levels are removed. No known response of Azure is nearly as deep. */
const DEEPEST = 64;

/**
 * Returns the parsed body of a response, or undefined if it is not JSON. Its depth is limited,
 * because the functions that read it are recursive and would overflow the stack.
 */
export function bodyOf(response: ArmResponse): unknown {
  try {
    return limitDepth(JSON.parse(response.text));
  } catch {
    return undefined;
  }
}

/** Replaces the values below the deepest level by null. Nearly no response has any. */
function limitDepth(value: unknown): unknown {
  return hasLevelsBelow(value, DEEPEST) ? copyLevels(value, DEEPEST) : value;
}

function hasLevelsBelow(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  for (const name in value) if (hasLevelsBelow((value as Record<string, unknown>)[name], levels - 1)) return true;
  return false;
}

function copyLevels(value: unknown, levels: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) return null;
  if (Array.isArray(value)) return value.map((item) => copyLevels(item, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copyLevels(item, levels - 1)]));
}

/**
 * Returns the state for an operation's `status` or a resource's `provisioningState`, in any case.
 */
export function stateOf(word: unknown): OperationState {
  return ends.get(String(word).toLowerCase()) ?? "InProgress";
}

const ends: ReadonlyMap<string, OperationState> = new Map([
  ["succeeded", "Succeeded"],
  ["failed", "Failed"],
  ["canceled", "Canceled"],
  ["cancelled", "Canceled"],
]);

/** Returns the provisioning state in a resource, as Azure spells it, or undefined. */
export function provisioningStateOf(resource: unknown): string | undefined {
  const state = field(field(resource, "properties"), "provisioningState");
  return typeof state === "string" ? state : undefined;
}

/**
 * Returns the seconds to wait after a response, or undefined. They come from its Retry-After header
 * or, if an error has none, from the messages of the error.
 */
export function waitOf(response: ArmResponse): number | undefined {
  const seconds = readRetryAfter(response.headers["retry-after"], response.headers["date"]);
  return seconds ?? (response.status >= 400 ? findWaitHint(bodyOf(response)) : undefined);
}

/**
 * Returns the error in a response (`{ error: { code, message, details } }`) unchanged. If there is
 * none, code and message are null. It may contain a key: KeyFilter must clean it before it leaves
 * the activity.
 */
export function armErrorOf(response: ArmResponse): ArmError {
  const body = bodyOf(response);
  const error = field(body, "error") ?? body;
  const text = (name: string) => {
    const value = field(error, name);
    return typeof value === "string" ? value : null;
  };
  const details = field(error, "details");
  const target = text("target");
  const more = Object.fromEntries(
    ["innererror", "additionalInfo"].map((name) => [name, field(error, name)] as const).filter(([, value]) => value !== undefined),
  );
  return {
    status: response.status,
    code: text("code"),
    message: text("message"),
    details: Array.isArray(details) ? details : [],
    ...(target === null ? {} : { target }),
    ...more,
  };
}
