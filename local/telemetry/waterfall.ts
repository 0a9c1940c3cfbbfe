import type { AnswerTrace } from "./index.ts";
import type { ReceivedSpan } from "./otlp.ts";

const BAR_COLUMNS = 40;
const NAME_COLUMNS = 18;

/** Returns the trace of a request as lines with bars: where its time went, phase by phase. */
export function waterfallOf({ instanceId, whole, phases }: AnswerTrace): string {
  const ofWhole = whole.attributes["vpn.problem"] ?? whole.attributes["vpn.outcome"];
  return [
    `${whole.name}: ${ofWhole} after ${secondsOf(whole)} (${instanceId}, trace ${whole.traceId})`,
    ...phases.map((phase) => `  ${phase.name.padEnd(NAME_COLUMNS)} ${secondsOf(phase).padStart(11)}  ${barOf(phase, whole)}`),
  ].join("\n");
}

function secondsOf({ startedAt, endedAt }: ReceivedSpan): string {
  return `${((endedAt - startedAt) / 1000).toFixed(3)} s`;
}

function barOf({ startedAt, endedAt }: ReceivedSpan, whole: ReceivedSpan): string {
  const scale = BAR_COLUMNS / Math.max(1, whole.endedAt - whole.startedAt);
  const from = Math.min(BAR_COLUMNS - 1, Math.floor((startedAt - whole.startedAt) * scale));
  const columns = Math.max(1, Math.round((endedAt - startedAt) * scale));
  return " ".repeat(from) + "█".repeat(Math.min(columns, BAR_COLUMNS - from));
}
