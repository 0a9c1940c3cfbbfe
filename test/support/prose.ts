/** One line that a person reads, with its number in the file. */
export interface Line {
  readonly number: number;
  readonly text: string;
  /** True for a table row, and for a line with an address or a long piece of code. */
  readonly mayBeLong: boolean;
}

/**
 * What is not plain English, and what to write instead. Only phrases that a regular expression
 * finds without false alarms.
 */
const idioms: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bwhoever\b/i, "name who it is"],
  [/\b(nobody|somebody)\b/i, "name who it is"],
  [/\bin vain\b/i, "without success"],
  [/\bby (itself|themselves)\b/i, "alone, or without help"],
  [/\ball the same\b/i, "nevertheless"],
  [/\b(is|are|was|were|be|been) told\b/i, "gets, sees, or is reported"],
  [/\bstands? (in|there|beside|between|below|above|at)\b/i, "is"],
  [/\bnone of\b/i, "no"],
  [/\bof (its|their) own\b/i, "own, or separate"],
  [/\b(ask|asks|asked|asking) for\b/i, "requests, wants, or needs"],
  [/\banswers (a|an|the|it|every|each|with|what|whether|as|only|by)\b/i, "returns, or answer as a noun"],
  [/\bwhere (there is|there are|it has|they have|nothing|none)\b/i, "if"],
  [/\b(comes?|came) of\b/i, "happens to, or follows from"],
  [/\bfor good\b/i, "permanently"],
  [/\bas ever\b/i, "as always"],
  [/\bto speak of\b/i, "leave it out"],
  [/\bas (it|they) came\b/i, "unchanged"],
  [/\bPSKs?\b/, "key"],
  [/\bmutex(es)?\b/i, "lease"],
  [/\bpoison messages?\b/i, "letter"],
  [/\bcompletion messages?\b/i, "completion event"],
];

/** Returns the idioms in the lines, each with its line's number and what to write instead. */
export function idiomsIn(lines: readonly Line[]): string[] {
  return lines.flatMap(({ number, text }, index) => {
    const next = lines[index + 1];
    // An idiom may continue on the next line.
    const whole = next?.number === number + 1 ? `${text} ${next.text.replace(/^[\s*/]+/, "")}` : text;
    return idioms.flatMap(([pattern, instead]) => {
      const found = pattern.exec(whole);
      return found && found.index < text.length ? [`line ${number}: "${found[0]}" → ${instead}`] : [];
    });
  });
}

/** Returns the lines of prose that have more than 100 columns. */
export function longLinesOf(lines: readonly Line[]): string[] {
  return lines
    .filter(({ text, mayBeLong }) => !mayBeLong && text.length > 100)
    .map(({ number, text }) => `line ${number} has ${text.length} columns`);
}

/** Returns the table cells of Markdown prose that have more than one sentence. */
export function crowdedCellsOf(lines: readonly Line[]): string[] {
  return lines.flatMap(({ number, text }) => {
    if (!/^\s*\|/.test(text)) return [];
    const cells = text.replaceAll("\\|", "/").split("|");
    return cells.some((cell) => /[a-z)`]\. [A-Z`]/.test(cell)) ? [`line ${number} has a cell with more than one sentence`] : [];
  });
}

/** Returns what is prose in a Markdown file: all but code. */
export function proseOfMarkdown(text: string): Line[] {
  let inCode = false;
  return text.split("\n").flatMap((line, index) => {
    const isFence = /^\s*```/.test(line);
    if (isFence) inCode = !inCode;
    if (isFence || inCode) return [];
    const mayBeLong = /^\s*\||\]\(|https:\/\/|`[^`]{60,}`/.test(line);
    return [{ number: index + 1, text: line.replaceAll(/`[^`]*`/g, (code) => "`".repeat(code.length)), mayBeLong }];
  });
}

/** Returns the comments of a TypeScript file. */
export function proseOfTypeScript(text: string): Line[] {
  return text.split("\n").flatMap((line, index) => {
    const isWhole = /^\s*(\/\/|\/\*\*|\*)/.test(line);
    const comment = isWhole ? line : /\s\/\/ (.*)$/.exec(line)?.[1];
    if (comment === undefined) return [];
    return [
      {
        number: index + 1,
        text: comment.replaceAll(/`[^`]*`/g, (code) => "`".repeat(code.length)),
        mayBeLong: /https:\/\/|biome-ignore/.test(line),
      },
    ];
  });
}
