import { setTimeout as pause } from "node:timers/promises";
import { instanceIdOf } from "../shared/durable/instance-id.ts";
import type { Outgoing } from "./outgoing.ts";

const EVERY_MS = 500;
/** So many questions are under way at once. */
const SIDE_BY_SIDE = 4;

/** How far a request is, as its custom status says. */
export interface Status {
  readonly step: string;
  /** The place in the queue of its gateway; 1 is next. */
  readonly position?: number;
}

/**
 * Asks the functions host of a local stack how far requests are, again and again until `signal` is
 * aborted. `unanswered` names those to ask about. A host that is away is asked again.
 */
export async function watchStatus(
  functionsHost: string,
  unanswered: () => readonly Outgoing[],
  show: (request: Outgoing, status: Status) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const left = [...unanswered()];
    const ask = async () => {
      for (let request = left.shift(); request; request = left.shift()) {
        const status = await readStatus(functionsHost, request, signal).catch(() => null);
        if (status && !signal.aborted) show(request, status);
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, ask));
    await pause(EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

async function readStatus(functionsHost: string, { source, id }: Outgoing, signal: AbortSignal): Promise<Status | null> {
  const path = `/runtime/webhooks/durabletask/instances/${instanceIdOf(source, id)}?showInput=false`;
  const response = await fetch(new URL(path, functionsHost), { signal });
  const body = (await response.text()) || "null";
  const status = response.ok ? (JSON.parse(body) as { customStatus: Status | null }).customStatus : null;
  return status && { ...status, step: wordsOf(status.step) };
}

/** `leaseGranted` in words. */
function wordsOf(step: string): string {
  return step.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
