import type { CompletionEvent } from "../shared/contract/completion.ts";

/** How long a request took, in seconds. What it did not come to is null. */
export interface Durations {
  /** From its arrival until it had the gateway. */
  readonly queue: number | null;
  /** From the moment when Azure took the change until Azure had finished, or the request ended. */
  readonly azure: number | null;
  /** From its arrival until its outcome was known. */
  readonly all: number;
}

/** What people call the three times. */
export const durationNames = [
  ["queue", "in the queue"],
  ["azure", "in Azure"],
  ["all", "in all"],
] as const;

/** Returns how long a request took, by the timing of its completion. */
export function durationsOf({ data }: CompletionEvent): Durations {
  const { receivedAt, leaseGrantedAt, submittedAt, provisionedAt, completedAt } = data.timing;
  // A plan and a rejected request do not queue.
  const endedInQueue = data.outcome === "Cancelled" || data.problem?.code === "QueueDeadlineExceeded";
  return {
    queue: between(receivedAt, leaseGrantedAt ?? (endedInQueue ? completedAt : null)),
    azure: between(submittedAt, provisionedAt ?? completedAt),
    all: between(receivedAt, completedAt) ?? 0,
  };
}

/** Returns the durations in one phrase: "0.2 s in the queue, 6.1 s in Azure, 6.6 s in all". */
export function durationText(durations: Durations): string {
  return durationNames
    .filter(([name]) => durations[name] !== null)
    .map(([name, title]) => `${shownSeconds(durations[name])} ${title}`)
    .join(", ");
}

/** Returns average and longest of each duration, as lines of a small table. */
export function durationTable(all: readonly Durations[]): string[] {
  const lines = durationNames.flatMap(([name, title]) => {
    const seconds = all.map((each) => each[name]).filter((each) => each !== null);
    if (seconds.length === 0) return [];
    const average = seconds.reduce((sum, each) => sum + each, 0) / seconds.length;
    return [`  ${title.padEnd(12)}${shownSeconds(average).padStart(12)}${shownSeconds(Math.max(...seconds)).padStart(12)}`];
  });
  return lines.length === 0 ? [] : [`  ${"".padEnd(12)}${"average".padStart(12)}${"longest".padStart(12)}`, ...lines];
}

/** Returns seconds as people read them. */
export function shownSeconds(seconds: number | null): string {
  if (seconds === null) return "–";
  return seconds < 600 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(0)} min`;
}

function between(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}
