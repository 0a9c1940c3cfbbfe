import type { ArmError } from "../contract/problem.ts";
import { findWaitHint, readRetryAfter } from "./retry-after.ts";

/** An answer of Resource Manager as it came over the wire; header names are lower-case. */
export interface ArmResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** How far an operation has come: every word that is not an end means that it runs on. */
export type OperationState = "InProgress" | "Succeeded" | "Failed" | "Canceled";

/** Deeper nesting is left out. No answer of Azure is known that comes near. */
const DEEPEST = 64;

/**
 * Returns the parsed body of an answer, or nothing if it is no JSON. Everything that reads it is
 * recursive and would overflow the stack on deep nesting.
 */
export function bodyOf(response: ArmResponse): unknown {
  try {
    return withoutDepth(JSON.parse(response.text), 0);
  } catch {
    return undefined;
  }
}

/** Replaces what lies too deep by null. */
function withoutDepth(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth === DEEPEST) return null;
  if (Array.isArray(value)) return value.map((item) => withoutDepth(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutDepth(item, depth + 1)]));
}

/** Reads a status word (operation `status` or resource `provisioningState`), in any case. */
export function stateOf(word: unknown): OperationState {
  return ends.get(String(word).toLowerCase()) ?? "InProgress";
}

const ends: ReadonlyMap<string, OperationState> = new Map([
  ["succeeded", "Succeeded"],
  ["failed", "Failed"],
  ["canceled", "Canceled"],
  ["cancelled", "Canceled"],
]);

/** The provisioning state that a resource body shows, as the service spells it. */
export function provisioningStateOf(resource: unknown): string | undefined {
  const state = field(field(resource, "properties"), "provisioningState");
  return typeof state === "string" ? state : undefined;
}

/** The wait that an answer asks for, in seconds: by its Retry-After, or, where an error has none, in the words of its messages. */
export function waitOf(response: ArmResponse): number | undefined {
  const asked = readRetryAfter(response.headers["retry-after"], response.headers["date"]);
  return asked ?? (response.status >= 400 ? findWaitHint(bodyOf(response)) : undefined);
}

/**
 * The error an answer carries (`{ error: { code, message, details } }`), word for word; all null where it carries none. It may quote a key: KeyFilter
 * cleans it before it becomes a part of an answer.
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
