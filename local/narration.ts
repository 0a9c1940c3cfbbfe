import { styleText } from "node:util";
import { type Step, sentenceOf } from "./step-sentences.ts";

const red = ["rejected", "conflict", "failed", "unpublished", "interrupted"];
const yellow = ["waiting", "blocked", "retrying", "sealingKeyUnknown", "delayed", "spansDropped"];

/** Finds the step in a line of the functions host's log, if the line has one. */
export function stepIn(line: string): Step | undefined {
  try {
    const { message } = JSON.parse(line) as { message?: unknown };
    const step: unknown = typeof message === "string" && message.startsWith('{"step":') ? JSON.parse(message) : undefined;
    return step as Step | undefined;
  } catch {
    return undefined;
  }
}

/** Returns a log line that is no step as people read it: level and message, if it is JSON. */
export function messageIn(line: string): string {
  try {
    const { level, message } = JSON.parse(line) as { level?: unknown; message?: unknown };
    if (typeof message === "string") return typeof level === "string" ? `${level}: ${message}` : message;
  } catch {
    // It is a text for people.
  }
  return line;
}

/** When a step happened, and how its line looks. */
export interface Telling {
  readonly at: Date;
  readonly elapsedMs: number;
  readonly colours: boolean;
}

/**
 * Tells one step in a line: the time, the seconds since the start, the step, its connection (or the
 * request, if it has none), and what a person wants to know of it.
 */
export function told(step: Step, { at, elapsedMs, colours }: Telling): string {
  const name = step.step.padEnd(12);
  const shown = colours ? styleText(colourOf(step), name, { validateStream: false }) : name;
  const seconds = `${(elapsedMs / 1000).toFixed(2).padStart(7)} s`;
  return `${at.toTimeString().slice(0, 8)} ${seconds}  ${shown}  ${aboutOf(step).padEnd(23)}  ${sentenceOf(step)}`.trimEnd();
}

function aboutOf({ connection, requestId, instanceId }: Step): string {
  return String(connection ?? requestId ?? instanceId ?? "");
}

function colourOf({ step, outcome }: Step): "green" | "red" | "yellow" {
  if (yellow.includes(step)) return "yellow";
  return red.includes(step) || !["Succeeded", "Planned"].includes(String(outcome ?? "Succeeded")) ? "red" : "green";
}
