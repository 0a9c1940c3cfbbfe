/**
 * Returns where a character of a text is, as an editor shows it, for example `line 38, column 1`.
 */
export function describePlace(text: string, offset: number): string {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return `line ${lines.length}, column ${(lines.at(-1) ?? "").length + 1}`;
}
