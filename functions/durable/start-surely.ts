import type { DurableClient } from "./durable-client.ts";
import { instanceStatus } from "./instance-status.ts";
import { NotYet } from "./persistently.ts";
import { type Identity, type Standing, standingAfterStart, standingOf } from "./standing.ts";

/** An instance to be started for a message. */
export interface Start extends Identity {
  readonly orchestration: string;
  /** Makes its input. It is made for the start alone, because a request's keys are sealed in it. */
  readonly input: () => unknown;
  /** Called when a start was accepted. That this payload runs is not certain yet. */
  readonly accepted?: () => void;
}

/** What one invocation has in hand. */
export interface Invocation {
  readonly client: DurableClient;
  /** The ids of the instances that this invocation has started, whose claims were not open before. */
  readonly started: Set<string>;
}

/** How a message stands once it is safe. */
export type Safe = Exclude<Standing, { readonly is: "new" | "unclaimed" | "lost" }>;

/**
 * Starts an instance for a message unless there is one, and returns how the message stands once it
 * is safe: its claim is open, and holds this payload or another one. Throws `NotYet` until then, to
 * be called again. That a start was accepted proves nothing: of two at once only one runs.
 */
export async function startSurely({ client, started }: Invocation, start: Start): Promise<Safe> {
  const { instanceId, orchestration, input } = start;
  const standing = started.has(instanceId) ? await standingAfterStart(client, start) : await standingOf(client, start);
  if (standing.is !== "new" && standing.is !== "lost" && standing.is !== "unclaimed") return standing;
  const isStarted = standing.is !== "unclaimed" && (await startUnlessThere(client, orchestration, instanceId, input()));
  // A claim that was open before the start does not tell that this instance runs.
  if (isStarted && standing.is === "new") {
    started.add(instanceId);
    start.accepted?.();
  }
  throw new NotYet(`The claim ${start.claimId} is not open`);
}

/** Starts an instance, and returns whether that was accepted. One that is on its way already is left alone. */
export async function startUnlessThere(client: DurableClient, orchestration: string, instanceId: string, input: unknown): Promise<boolean> {
  try {
    await client.startNew(orchestration, { instanceId, input });
    return true;
  } catch (error) {
    // A start under an id that is running fails in a way that the client does not name.
    if (!(await instanceStatus(client, instanceId, false))) throw error;
    return false;
  }
}
