import { cutTree } from "./bounded.ts";
import type { CompletionData, CompletionEvent } from "./completion.ts";
import { type Finding, sortFindings } from "./finding.ts";
import type { Problem } from "./problem.ts";

/**
 * Bytes for the event's JSON. The broker allows 256 KB for the whole message with ticket and
 * properties.
 */
const MOST_BYTES = 200_000;
/** The space that is kept for the warning about what was left out. */
const WARNING_BYTES = 1_000;

type Cut = (from: CompletionData) => CompletionData;

/** What is left out until the event fits, in this order. */
const cuts: readonly Cut[] = [
  ...[100, 20, 0].map(
    (most): Cut =>
      (from) => ({ ...from, arm: { ...from.arm, attempts: from.arm.attempts.slice(0, most) } }),
  ),
  ...[100, 10, 1].map(
    (most): Cut =>
      (from) => ({
        ...from,
        problem: from.problem && { ...from.problem, details: keepGravest(from.problem.details, most) },
        warnings: keepGravest(from.warnings, most),
      }),
  ),
  (from) => ({ ...from, diff: from.diff?.map((difference) => ({ ...difference, after: cutTree(difference.after) })) ?? null }),
  (from) => ({ ...from, diff: from.diff?.map((difference) => ({ ...difference, before: leftOut, after: leftOut })) ?? null }),
  (from) => ({ ...from, diff: from.diff?.slice(0, 50) ?? null }),
  (from) => ({ ...from, problem: from.problem && withoutArmDetails(from.problem) }),
  (from) => ({ ...from, resource: null }),
];
/** Replaces a value of a difference. Null would mean that there is none. */
const leftOut = "(left out)";

/**
 * Makes an event fit into one message. Leaves out what matters least first, and adds the warning
 * `Truncated`, which names what is missing. Returns nothing if the event is still too large.
 */
export function fitEvent(event: CompletionEvent): CompletionEvent | undefined {
  if (hasAtMost(MOST_BYTES, event)) return event;
  const fits = (data: CompletionData) => hasAtMost(MOST_BYTES - WARNING_BYTES, { ...event, data });
  let { data } = event;
  for (const cut of cuts) if (!fits(data)) data = cut(data);
  if (!fits(data)) return undefined;
  return { ...event, data: { ...data, warnings: [makeTruncatedWarning(describeMissing(event.data, data)), ...data.warnings] } };
}

/** The warning that something is missing in an event; `what` names it. */
export function makeTruncatedWarning(what: string): Finding {
  const message = `The completion is too large for one message. Left out: ${what}.`;
  return { code: "Truncated", severity: "warning", target: "", message, actor: "nobody" };
}

function hasAtMost(bytes: number, event: CompletionEvent): boolean {
  const json = JSON.stringify(event);
  // A UTF-16 code unit has at most three bytes in UTF-8. So most events need not be encoded.
  return json.length * 3 <= bytes || new TextEncoder().encode(json).length <= bytes;
}

/** The first findings, errors before warnings. */
function keepGravest(findings: readonly Finding[], most: number): readonly Finding[] {
  if (findings.length <= most) return findings;
  const { error = [], warning = [] } = Object.groupBy(findings, ({ severity }) => severity);
  return sortFindings([...error, ...warning].slice(0, most));
}

function withoutArmDetails({ arm, ...problem }: Problem): Problem {
  if (!arm) return problem;
  const { innererror: _, additionalInfo: __, ...kept } = arm;
  return { ...problem, arm: { ...kept, details: [] } };
}

function describeMissing(before: CompletionData, after: CompletionData): string {
  const fewer = (from: number, to: number, of: string) => (from === to ? [] : [`${from - to} of ${from} ${of}`]);
  const hasValues = ({ diff }: CompletionData) => diff?.some((difference) => difference.before !== leftOut || difference.after !== leftOut);
  const isDiffCut = JSON.stringify(before.diff) !== JSON.stringify(after.diff);
  const isShorter = isDiffCut && hasValues(after) && before.diff?.length === after.diff?.length;
  return [
    ...fewer(before.arm.attempts.length, after.arm.attempts.length, "attempts"),
    ...fewer(before.problem?.details.length ?? 0, after.problem?.details.length ?? 0, "findings"),
    ...fewer(before.warnings.length, after.warnings.length, "warnings"),
    ...fewer(before.diff?.length ?? 0, after.diff?.length ?? 0, "differences"),
    ...(isShorter ? ["parts of the values of the differences"] : []),
    ...(hasValues(before) && !hasValues(after) ? ["the values of the differences"] : []),
    ...(JSON.stringify(before.problem?.arm) === JSON.stringify(after.problem?.arm) ? [] : ["the details of Azure's error"]),
    ...(before.resource !== null && after.resource === null ? ["the resource"] : []),
  ].join(", ");
}
