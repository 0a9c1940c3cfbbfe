/** JSON.rawJSON keeps the exact text of a number; TypeScript's library does not declare it yet (https://github.com/tc39/proposal-json-parse-with-source). */
const { isRawJSON } = JSON as unknown as { isRawJSON(value: unknown): boolean };

/** Returns a value of JSON as text that does not depend on the order of its JSON properties. Depth is bounded by the reader of the value. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(inOrder(value));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null || isRawJSON(value)) return value;
  const properties = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(properties.map(([name, item]) => [name, inOrder(item)]));
}
