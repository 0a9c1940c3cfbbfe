/** What the reference of an operation names, read from its text. */
export interface ReferenceText {
  readonly uriParameters: readonly string[];
  /** Names in the table of the request body. */
  readonly body: readonly string[];
  /**
   * Each definition's names, with their types where the text has them: a type that was a link is
   * lost.
   */
  readonly definitions: ReadonlyMap<string, ReadonlyMap<string, string | undefined>>;
}

const head = "Name | Type | Description |";

/**
 * Reads the text of a reference page: a table is a line with its columns, then lines of one cell
 * each, every cell but an empty one ending with ` |`.
 */
export function readReference(text: string): ReferenceText {
  const lines = text.split(/\r?\n/);
  const start = lines.indexOf("Definitions");
  const body = lines.slice(lines.indexOf("Request Body"), lines.indexOf("Responses"));
  const heads = lines.flatMap((line, index) => (line === head && index > start ? [index] : []));
  const definitions = heads.map((at, nth) => [lines[at - 2] ?? "", namesIn(lines.slice(at + 2, heads[nth + 1]))] as const);
  const [uri = ""] = lines.filter((line) => line.startsWith("PUT https://"));
  return {
    uriParameters: [...uri.matchAll(/\{(\w+)\}|[?&]([\w-]+)=/g)].map(([, inPath, inQuery]) => inPath ?? inQuery ?? ""),
    body: [...namesIn(body).keys()],
    definitions: new Map(definitions),
  };
}

function namesIn(lines: readonly string[]): Map<string, string | undefined> {
  const cells = lines.map((line) => line.replace(/ \|$/, ""));
  const isType = (cell = "") => /^(string|integer|boolean)(\[\])?$/.test(cell);
  const isName = (cell: string, index: number) => /^[\w.]+$/.test(cell) && !isType(cell) && lines[index] !== cell;
  return new Map(
    cells.flatMap((cell, index) => (isName(cell, index) ? [[cell, isType(cells[index + 1]) ? cells[index + 1] : undefined]] : [])),
  );
}
