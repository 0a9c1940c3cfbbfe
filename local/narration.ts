import { styleText } from "node:util";

/** One step of a request as the app logged it. */
export interface Step {
  readonly step: string;
  readonly [field: string]: unknown;
}

/** Finds the step in a line of the functions host's log, where the line tells one. */
export function stepIn(line: string): Step | undefined {
  try {
    const { message } = JSON.parse(line) as { message?: unknown };
    const step: unknown = typeof message === "string" && message.startsWith('{"step":') ? JSON.parse(message) : undefined;
    return step as Step | undefined;
  } catch {
    return undefined;
  }
}

/** Tells one step in a line: seconds since the start, the step, and what a person wants to know of it. */
export function told(step: Step, elapsedMs: number, colours: boolean): string {
  const name = step.step.padEnd(12);
  const shown = colours ? styleText(good(step) ? "green" : "red", name, { validateStream: false }) : name;
  return `${(elapsedMs / 1000).toFixed(2).padStart(7)} s  ${shown}${sentence(step)}`.trimEnd();
}

function good({ step, outcome }: Step): boolean {
  return (
    !["rejected", "conflict", "unpublished"].includes(step) && (outcome === undefined || outcome === "Succeeded" || outcome === "Planned")
  );
}

function sentence(step: Step): string {
  const wait = typeof step["retryAfterSeconds"] === "number" ? `, told to wait ${step["retryAfterSeconds"]} s` : "";
  switch (step.step) {
    case "received":
      return `request ${step["requestId"]} from ${step["requestSource"]}`;
    case "validated":
      return step["warnings"] === 0 ? "no findings" : `${step["warnings"]} warnings`;
    case "rejected":
      return step["errors"] === undefined ? `${step["problem"]}` : `${step["errors"]} errors`;
    case "submitted":
      return `PUT answered ${step["status"]}${wait}`;
    case "polled":
      return `${step["armState"] ?? "no answer"}${wait}`;
    case "adopted":
      return `the same change is already in progress (${step["armState"]})`;
    case "unchanged":
      return "the connection already is as desired";
    case "provisioned":
      return `operation ${step["armState"]}`;
    case "verified":
      return "connection and link connections are Succeeded";
    case "published":
      return [step["outcome"], step["change"], step["problem"]].filter(Boolean).join(", ");
    default:
      return Object.entries(step)
        .filter(([name]) => name === "error")
        .map(([, value]) => String(value))
        .join();
  }
}
