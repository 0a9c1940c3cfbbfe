/** A value that was found, short enough to quote. */
export function shown(value: unknown, most = 80): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > most ? `${text.slice(0, most - 3)}…` : text;
}
