import { randomBytes } from "node:crypto";

/**
 * A text that stands nowhere by chance. Hex digits only, so that it looks the same in JSON, URLs
 * and HTML, however often they escape what is around it.
 */
export function newMark(): string {
  return randomBytes(9).toString("hex");
}

/** The ways in which a mark can be written without looking like itself. */
const disguises: readonly ((mark: string) => readonly string[])[] = [
  (mark) => [mark],
  // Base64 writes three bytes as four characters: inside a longer text there are three ways, and
  // the outermost characters belong to the neighbours too.
  (mark) => [0, 1, 2].map((before) => base64Inside(mark, before)),
  (mark) => [Buffer.from(mark).toString("hex")],
  // Bytes as `console.log` and as JSON show them.
  (mark) => [[...Buffer.from(mark)].map((byte) => byte.toString(16)).join(" "), [...Buffer.from(mark)].join(",")],
];

function base64Inside(mark: string, before: number): string {
  const encoded = Buffer.from("-".repeat(before) + mark).toString("base64");
  return encoded.slice(Math.ceil((before * 4) / 3), Math.floor(((before + mark.length) * 4) / 3));
}

/** Which of the marks stand in a text, in any disguise and in either case. */
export function marksIn(text: string, marks: readonly string[]): string[] {
  const lower = text.toLowerCase();
  return marks.filter((mark) => disguises.some((disguise) => disguise(mark).some((looks) => lower.includes(looks.toLowerCase()))));
}
