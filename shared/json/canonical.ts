/**
 * TypeScript's library does not declare JSON.rawJSON yet, which keeps the exact text of a number
 * (https://github.com/tc39/proposal-json-parse-with-source).
 */
const { isRawJSON } = JSON as unknown as { isRawJSON(value: unknown): boolean };

/**
 * Returns a JSON value as text that does not depend on the order of its JSON properties. It is
 * recursive: `parseJson` has limited the depth of the value.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sortProperties(value));
}

function sortProperties(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortProperties);
  if (typeof value !== "object" || value === null || isRawJSON(value)) return value;
  const properties = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(properties.map(([name, item]) => [name, sortProperties(item)]));
}
