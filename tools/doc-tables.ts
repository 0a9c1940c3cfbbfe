/**
 * Returns a document in which the table after `<!-- table: NAME -->` is another one. Throws if the
 * document has no such table.
 */
export function replaceTable(text: string, name: string, table: string): string {
  const { from, until } = findTable(text, name);
  return text.slice(0, from) + table + text.slice(until);
}

/** Returns the table after `<!-- table: NAME -->`. Throws if the document has none. */
export function readTable(text: string, name: string): string {
  const { from, until } = findTable(text, name);
  return text.slice(from, until);
}

function findTable(text: string, name: string): { readonly from: number; readonly until: number } {
  const mark = `<!-- table: ${name} -->\n`;
  const from = text.indexOf(mark) + mark.length;
  const length = from < mark.length ? 0 : (/^(\|.*\n)+/.exec(text.slice(from))?.[0].length ?? 0);
  if (length === 0) throw new Error(`The document has no table after ${mark.trim()}.`);
  return { from, until: from + length };
}
