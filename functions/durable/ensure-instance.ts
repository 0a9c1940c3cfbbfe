import type { OrchestrationName } from "../../shared/durable/names.ts";
import type { DurableClient } from "./durable-client.ts";
import { readInstanceStatus } from "./instance-status.ts";
import { type Identity, type MessageState, readMessageState, readStateAfterStart } from "./message-state.ts";
import { NotYet } from "./retry.ts";

/** An instance to be started for a message. */
export interface Start extends Identity {
  readonly orchestration: OrchestrationName;
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
export type SafeState = Exclude<MessageState, { readonly is: "new" | "unclaimed" | "lost" }>;

/**
 * Starts an instance for a message unless there is one, and returns how the message stands once it
 * is safe: its claim is open, and holds this payload or another one. Throws `NotYet` until then, to
 * be called again. That a start was accepted proves nothing: of two at once only one runs.
 */
export async function ensureInstance({ client, started }: Invocation, start: Start): Promise<SafeState> {
  const { instanceId, orchestration, input } = start;
  const state = started.has(instanceId) ? await readStateAfterStart(client, start) : await readMessageState(client, start);
  if (state.is !== "new" && state.is !== "lost" && state.is !== "unclaimed") return state;
  const isStarted = state.is !== "unclaimed" && (await startIfMissing(client, orchestration, instanceId, input()));
  // A claim that was open before the start does not tell that this instance runs.
  if (isStarted && state.is === "new") {
    started.add(instanceId);
    start.accepted?.();
  }
  throw new NotYet(`The claim ${start.claimId} is not open`);
}

/** Starts an instance, and returns whether that was accepted. One that is on its way already is left alone. */
export async function startIfMissing(
  client: DurableClient,
  orchestration: OrchestrationName,
  instanceId: string,
  input: unknown,
): Promise<boolean> {
  try {
    await client.startNew(orchestration, { instanceId, input });
    return true;
  } catch (error) {
    // A start under an id that is running fails in a way that the client does not name.
    if (!(await readInstanceStatus(client, instanceId, false))) throw error;
    return false;
  }
}
