import { answerLines } from "./answer-text.ts";
import type { Row } from "./board.ts";
import { durationsOf, durationTable, durationText } from "./durations.ts";
import { type Output, printable, wrapText } from "./text-layout.ts";

/** Returns the last lines: problems and plans, ids that are in no file, and the totals. */
export function summaryLines(rows: readonly Row[], output: Output): string[] {
  const answers = rows.flatMap(({ request, event }) => (event ? answerLines(request, event, output) : []));
  const newIds = rows
    .filter(({ request, event, sentAt }) => !request.repeatable && sentAt !== null && event?.data.outcome !== "Planned")
    .map(({ request }) => `${request.file} was sent as request ${printable(request.id)}.`);
  const events = rows.flatMap(({ event }) => event ?? []);
  const durations = events.map(durationsOf);
  // One request needs no average.
  const times = durations.length > 1 ? durationTable(durations) : durations.map((only) => `  ${durationText(only)}`);
  return [...spaced(answers), ...spaced(newIds), "", ...wrapText(totals(rows), output.columns, 2), ...times];
}

/** Returns which requests have no answer, and how to get it. */
export function unansweredLines(rows: readonly Row[]): string[] {
  const unsent = rows.filter(({ sentAt }) => sentAt === null);
  const open = rows.filter(({ sentAt, event }) => sentAt !== null && !event).map(({ request }) => request);
  const repeatable = open.filter((request) => request.repeatable);
  const others = open.filter((request) => !request.repeatable);
  return [
    ...(unsent.length === 0 ? [] : [`${counted(unsent.length, "was", "were")} not sent.`]),
    ...(open.length === 0 ? [] : [`${counted(open.length, "has", "have")} no answer yet. What was sent goes on without this command.`]),
    ...(repeatable.length === 0
      ? []
      : ["To get the answers, send the same files again: the same source and id is the same request, and is not carried out twice."]),
    ...(others.length === 0
      ? []
      : [`The answers to requests with new ids go to the topic: ${others.map(({ id }) => printable(id)).join(", ")}.`]),
  ];
}

function totals(rows: readonly Row[]): string {
  const outcomes = new Map<string, number>();
  for (const { event, sentAt } of rows) {
    const outcome = event?.data.outcome ?? (sentAt === null ? "not sent" : "sent, without an answer yet");
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  const parts = [...outcomes].map(([outcome, number]) => `${number} ${outcome}`);
  return `${rows.length} request${rows.length === 1 ? "" : "s"}: ${parts.join(", ")}`;
}

function counted(number: number, one: string, many: string): string {
  return number === 1 ? `1 request ${one}` : `${number} requests ${many}`;
}

function spaced(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", ...lines];
}
