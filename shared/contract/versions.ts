import { cancelType } from "./cancel.ts";
import { requestType } from "./request.ts";

/** Why a CloudEvents type is not taken, in a sentence; nothing for those that are, and for a bare body, which has none. */
export function unsupportedVersion(type: string | null): string | undefined {
  if (type === null || type === requestType || type === cancelType) return undefined;
  return `The event type ${JSON.stringify(type.slice(0, 128))} is not supported; this app takes ${requestType} and ${cancelType}.`;
}
