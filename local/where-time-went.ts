import type { CompletionEvent } from "../shared/contract/completion.ts";
import { type PhaseName, phasesOf } from "../shared/tracing/phases.ts";

/** What people call the phases. Azure works from the PUT on. */
const titles: Readonly<Record<PhaseName, string>> = {
  "wait for delivery": "delivery",
  cancel: "cancellation",
  validate: "validation",
  plan: "plan",
  "wait for gateway": "gateway",
  put: "Azure",
  "wait for Azure": "Azure",
  verify: "verification",
  publish: "publication",
};

/**
 * Returns one line that says where the time of a request went, from its event and the time at which
 * the broker took it. The parts add up to the whole.
 */
export function whereTimeWent({ data }: Pick<CompletionEvent, "data">, publishedAt: Date): string {
  const parts = new Map<string, number>();
  for (const { name, startedAt, endedAt } of phasesOf(data, publishedAt.getTime()))
    parts.set(titles[name], (parts.get(titles[name]) ?? 0) + endedAt - startedAt);
  const whole = [...parts.values()].reduce((sum, milliseconds) => sum + milliseconds, 0);
  const shown = [...parts].map(([title, milliseconds]) => `${title} ${secondsOf(milliseconds)}`);
  return `Where the time went: ${shown.join(", ")}; ${secondsOf(whole)} in all`;
}

/** Milliseconds are shown as they are, so that rounding does not change the sum. */
function secondsOf(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(3)} s`;
}
