/** More characters of a value are cut. */
const MOST_OF_A_VALUE = 80;
const MOST_OF_AN_ID = 110;
/** Characters that are kept at the start of an id. Its end matters most. */
const HEAD_OF_AN_ID = 20;

/** Returns a value as a message quotes it, cut if it is long. */
export function quoteValue(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value) ?? "nothing";
  if (text.length <= MOST_OF_A_VALUE) return text;
  return `${text.slice(0, MOST_OF_A_VALUE - 2)}…${text.startsWith('"') ? '"' : ""}`;
}

/** Returns a Resource Manager id as a message quotes it, cut in the middle if it is long. */
export function quoteId(id: string | undefined): string {
  if (id === undefined) return "nothing";
  if (id.length <= MOST_OF_AN_ID) return JSON.stringify(id);
  const tail = id.slice(HEAD_OF_AN_ID - MOST_OF_AN_ID);
  return JSON.stringify(`${id.slice(0, HEAD_OF_AN_ID)}…${tail}`);
}
