import { keyFaults, MAX_KEY_LENGTH } from "./pre-shared-key.ts";

/** What is at the start or the end of a secret by mistake. `\r\n` counts as one. */
const blanks: readonly (readonly [text: string, name: string])[] = [
  ["\r\n", "a line break (CR LF)"],
  ["\n", "a line feed"],
  ["\r", "a carriage return"],
  ["\t", "a tab"],
  [" ", "a space"],
  ["\u00a0", "a no-break space"],
  ["\ufeff", "a byte order mark"],
];

/**
 * Returns why the value of a secret is not a pre-shared key, as the end of a sentence that starts
 * with "it"; undefined if it is one. Tools that store a file or a line often add a line feed or a
 * blank, and then the tunnel does not come up although both sides seem to have the same key. A key
 * in a request may end with a space, because its sender wrote it there.
 */
export function findVaultKeyFault(value: string): string | undefined {
  const faults = keyFaults(value);
  if (faults.includes("empty")) return "is empty";
  if (value.trim() === "") return "has only blanks and line breaks";
  const first = blanks.find(([text]) => value.startsWith(text))?.[1];
  const last = blanks.find(([text]) => value.endsWith(text))?.[1];
  const edges = [...(first ? [`starts with ${first}`] : []), ...(last ? [`ends with ${last}`] : [])];
  if (edges.length > 0) return edges.join(" and ");
  if (faults.includes("tooLong")) return `has more than ${MAX_KEY_LENGTH} characters`;
  return faults.includes("notPrintable") ? "has a character that is not printable ASCII" : undefined;
}
