import { cancelType } from "./cancel.ts";
import { requestType } from "./request.ts";

/** Returns why a CloudEvents type is not supported; nothing if it is. A bare body has no type. */
export function unsupportedVersion(type: string | null): string | undefined {
  if (type === null || type === requestType || type === cancelType) return undefined;
  return `The event type ${JSON.stringify(type.slice(0, 128))} is not supported. Use ${requestType} or ${cancelType}.`;
}
