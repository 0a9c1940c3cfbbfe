import type { CompletionData, CompletionEvent } from "../shared/contract/completion.ts";
import { placesIn } from "./finding-place.ts";
import { findingLines } from "./finding-text.ts";
import type { Outgoing } from "./outgoing.ts";
import { segmentsOf, wordsOf } from "./pointer-words.ts";
import { indentText, type Output, printable, wrapText } from "./text-layout.ts";

type Difference = NonNullable<CompletionData["diff"]>[number];

/** Returns an outcome in a few words: "Succeeded, Created", or with the code of the problem. */
export function outcomeWords({ data: { outcome, change, problem, warnings } }: CompletionEvent): string {
  const more = warnings.length === 0 ? "" : ` (${warnings.length} warning${warnings.length === 1 ? "" : "s"})`;
  return [outcome, change, problem?.code].filter(Boolean).join(", ") + more;
}

/** Whether a requester got what it wanted. */
export function isGood({ data: { outcome } }: CompletionEvent): boolean {
  return outcome === "Succeeded" || outcome === "Planned";
}

/**
 * Returns what a person must read of an answer: a problem with its findings, or the changes that a
 * plan would make.
 */
export function answerLines(request: Outgoing, { data }: CompletionEvent, output: Output): string[] {
  if (data.problem) return problemLines(request, data.problem, output);
  return data.outcome === "Planned" ? planLines(request, data, output) : [];
}

function problemLines({ file, id, body }: Outgoing, problem: NonNullable<CompletionData["problem"]>, output: Output): string[] {
  const placeOf = placesIn(new TextDecoder().decode(body));
  const errors = problem.details.filter(({ severity }) => severity === "error");
  // The problem's message often has Azure's own in it.
  const azure =
    problem.arm?.message && !problem.message.includes(problem.arm.message)
      ? indentText(`Azure: ${problem.arm.message}`, output.columns, 2)
      : [];
  return [
    // The findings say more than the message, which has the first of them.
    ...wrapText(`${file}, request ${id}: ${problem.code}${errors.length > 0 ? ":" : `. ${problem.message}`}`, output.columns, 2),
    ...azure,
    ...errors.flatMap((finding) => findingLines(file, placeOf(finding.target), finding, output)).map((line) => `  ${line}`),
  ];
}

function planLines({ file, id, connection }: Outgoing, { change, diff }: CompletionData, output: Output): string[] {
  const does = { Created: "would be created", Updated: "would be updated", Unchanged: "would not change" }[change ?? "Unchanged"];
  const differences = (diff ?? []).flatMap((difference) => indentText(differenceText(difference), output.columns, 4));
  return [
    ...wrapText(`${connection} ${does}. Plan ${id} of ${file}${differences.length > 0 ? ":" : "."}`, output.columns, 2),
    ...differences,
  ];
}

/** Returns one change as a sentence without an end: "link link1, routingWeight: 10 → 20". */
export function differenceText({ target, change, before, after }: Difference): string {
  const { link, field } = wordsOf(segmentsOf(target));
  const what = [...(link === null ? [] : [`link ${link}`]), ...(field === "" ? [] : [field])].join(", ");
  switch (change) {
    case "key":
      return `${what || "connection"}: the pre-shared key ${after === "changed" ? "changes" : "may change: it cannot be compared for this source"}`;
    case "add":
      return field === "" ? `${what}: is added` : `${what}: ${shown(after)} (new)`;
    case "remove":
      return field === "" ? `${what}: is removed` : `${what}: ${shown(before)} is removed`;
    case "reset":
      return `${what}: ${shown(before)} → ${shown(after)} (Azure's default, because the request leaves it out)`;
    default:
      return `${what}: ${shown(before)} → ${shown(after)}`;
  }
}

function shown(value: unknown): string {
  return value === null ? "none" : printable(typeof value === "string" ? value : JSON.stringify(value));
}
