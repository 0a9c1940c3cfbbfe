import type * as z from "zod";
import { jsonPointer } from "./finding.ts";
import type { RequestData } from "./rules/rule.ts";

/**
 * Returns a request without its invalid fields, so that the rules can judge the rest and a
 * requester gets all findings at once. Items of a list keep their places.
 */
export function removeInvalidFields(data: unknown, issues: readonly z.core.$ZodIssue[]): RequestData {
  const refused = new Set(
    issues.flatMap((issue) =>
      issue.code === "unrecognized_keys" ? issue.keys.map((key) => jsonPointer([...issue.path, key])) : [jsonPointer(issue.path)],
    ),
  );
  const walk = (node: unknown, pointer: string): unknown => {
    if (refused.has(pointer)) return undefined;
    if (Array.isArray(node)) return node.map((item, index) => walk(item, `${pointer}/${index}`));
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, walk(value, pointer + jsonPointer([name]))]));
  };
  return (walk(data, "") ?? {}) as RequestData;
}
