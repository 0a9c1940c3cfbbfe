import { styleText } from "node:util";

/** What a command writes to: a terminal, or anything else. */
export interface Output {
  readonly isTerminal: boolean;
  readonly colours: boolean;
  readonly columns: number;
  readonly rows: number;
}

/** Describes the standard output. Colours are for terminals, and not with NO_COLOR (https://no-color.org). */
export function standardOutput(): Output {
  const isTerminal = process.stdout.isTTY === true;
  return {
    isTerminal,
    colours: isTerminal && !process.env["NO_COLOR"],
    columns: process.stdout.columns || Number(process.env["COLUMNS"]) || 100,
    rows: process.stdout.rows || 24,
  };
}

/**
 * Wraps a text at spaces, so that no line is wider than `columns` unless it is one word. All lines
 * but the first are indented by `indent`.
 */
export function wrapText(text: string, columns: number, indent = 0): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of printable(text).split(/ +/)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line.trim() !== "" && longer.length > columns) {
      lines.push(line);
      line = " ".repeat(indent) + word;
    } else line = longer;
  }
  return [...lines, line];
}

/** Wraps a text of which every line is indented. */
export function indentText(text: string, columns: number, indent: number): string[] {
  return wrapText(text, columns - indent).map((line) => " ".repeat(indent) + line);
}

/** Returns a text without control characters, which a terminal would carry out. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}

/** Colours a text if the output has colours. */
export function coloured(colour: "green" | "red" | "yellow" | "dim", text: string, { colours }: Pick<Output, "colours">): string {
  return colours ? styleText(colour, text, { validateStream: false }) : text;
}
