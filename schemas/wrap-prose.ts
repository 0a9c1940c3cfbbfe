const COLUMNS = 100;

/** Wraps the paragraphs and list items of a Markdown text. Tables, headings and code are left. */
export function wrapProse(markdown: string): string {
  let isCode = false;
  let paragraph: string[] = [];
  const out: string[] = [];
  const endParagraph = () => {
    if (paragraph.length > 0) out.push(...wrapParagraph(paragraph.join(" ")));
    paragraph = [];
  };
  for (const line of markdown.split("\n")) {
    if (line.startsWith("```")) isCode = !isCode;
    if (line === "" || isCode || /^(?:[|#]|```)/.test(line)) {
      endParagraph();
      out.push(line);
      continue;
    }
    if (line.startsWith("* ")) endParagraph();
    paragraph.push(line.trim());
  }
  endParagraph();
  return out.join("\n");
}

/** Breaks a paragraph between words, but not inside code. The lines of a list item are indented. */
function wrapParagraph(text: string): string[] {
  const indent = text.startsWith("* ") ? "  " : "";
  const [first = "", ...words] = text.match(/(?:`[^`]*`|[^\s`])+/g) ?? [];
  const lines = [first];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length <= COLUMNS) lines[lines.length - 1] = longer;
    else lines.push(indent + word);
  }
  return lines;
}
