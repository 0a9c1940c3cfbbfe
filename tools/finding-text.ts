import type { Finding } from "../shared/contract/finding.ts";
import type { FindingPlace } from "./finding-place.ts";
import { coloured, indentText, type Output, wrapText } from "./text-layout.ts";

/**
 * Returns a finding as lines: its place as `file:line:column`, which editors open, its sentence and
 * its source.
 */
export function findingLines(file: string, place: FindingPlace, finding: Finding, output: Output): string[] {
  const { severity, code, message, source } = finding;
  const where = place.line === null ? file : `${file}:${place.line}:${place.column}`;
  const [first = "", ...more] = wrapText(`${where}: ${severity} ${code}${placeWords(place)}`, output.columns, 4);
  return [
    first.replace(`: ${severity}`, `: ${coloured(severity === "error" ? "red" : "yellow", severity, output)}`),
    ...more,
    ...indentText(message, output.columns, 4),
    ...(source ? [`    ${source}`] : []),
  ];
}

function placeWords({ link, field }: FindingPlace): string {
  const words = [...(link === null ? [] : [`link ${link}`]), ...(field === "" ? [] : [field])];
  return words.length === 0 ? "" : ` at ${words.join(", ")}`;
}
