import type { CompletionEvent } from "../shared/contract/completion.ts";
import { isGood, outcomeWords } from "./answer-text.ts";
import { durationsOf, durationText, shownSeconds } from "./durations.ts";
import { openLiveRegion } from "./live-region.ts";
import type { Outgoing } from "./outgoing.ts";
import { coloured, type Output, printable } from "./text-layout.ts";

/** How far one request is. */
export interface Row {
  readonly request: Outgoing;
  step: string;
  place: number | null;
  /** The time when it was sent, as `performance.now()` gives it. Null before. */
  sentAt: number | null;
  event: CompletionEvent | null;
}

/** Shows how far requests are. */
export interface Board {
  /** The row has changed. */
  show(row: Row): void;
  end(): void;
}

/** One line for each change, with the time of day. */
export function lineBoard(write: (line: string) => void): Board {
  return {
    show(row) {
      const { connection, gateway } = row.request;
      const name = gateway === "" ? connection : `${connection} (${gateway})`;
      write(`${new Date().toTimeString().slice(0, 8)}  ${printable(name)}  ${changeText(row)}`);
    },
    end() {},
  };
}

function changeText({ request, step, place, event }: Row): string {
  if (event) return `${outcomeWords(event)}: ${durationText(durationsOf(event))}`;
  if (step === "sent") return `sent as request ${printable(request.id)}`;
  return place === null ? step : `${step}, place ${place}`;
}

/** One JSON object for each request: its answer, or null if none came. */
export function jsonBoard(rows: readonly Row[], write: (line: string) => void): Board {
  const line = ({ request: { file, id, source, connection, gateway }, event }: Row) =>
    write(JSON.stringify({ file, id, source, connection, gateway, outcome: event?.data.outcome ?? null, event }));
  return {
    show: (row) => row.event && line(row),
    end: () => rows.filter(({ event }) => !event).forEach(line),
  };
}

const REDRAW_MS = 250;
const titles = ["CONNECTION", "GATEWAY", "STEP", "PLACE", "ELAPSED", "OUTCOME"];

/** A table that is drawn anew in its place: answered requests go up, the others stay at the end. */
export function tableBoard(rows: readonly Row[], output: Output, write: (text: string) => void): Board {
  const column = (values: readonly string[], title: string, most: number) =>
    Math.min(most, Math.max(title.length, ...values.map((value) => printable(value).length)));
  const widths = [
    column(
      rows.map(({ request }) => request.connection),
      "CONNECTION",
      36,
    ),
    column(
      rows.map(({ request }) => request.gateway),
      "GATEWAY",
      24,
    ),
    ...[12, 5, 8],
  ];
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) =>
        printable(cell)
          .slice(0, widths[index])
          .padEnd(widths[index] ?? 0),
      )
      .join("  ")
      .slice(0, output.columns - 1);
  const rowLine = ({ request, step, place, sentAt, event }: Row) => {
    const elapsed = event ? durationsOf(event).all : sentAt === null ? null : (performance.now() - sentAt) / 1000;
    const cells = [request.connection, request.gateway, event ? "answered" : step, `${place ?? ""}`, shownSeconds(elapsed)];
    const text = line([...cells, event ? outcomeWords(event) : ""]).trimEnd();
    return event ? coloured(isGood(event) ? "green" : "red", text, output) : text;
  };
  const region = openLiveRegion(output, write);
  region.print([coloured("dim", line(titles), output)]);
  const draw = () => region.draw(rows.filter(({ event }) => !event).map(rowLine));
  const redrawing = setInterval(draw, REDRAW_MS);
  draw();
  return {
    show(row) {
      if (!row.event) return;
      draw();
      region.print([rowLine({ ...row, place: null })]);
    },
    end() {
      clearInterval(redrawing);
      draw();
    },
  };
}
