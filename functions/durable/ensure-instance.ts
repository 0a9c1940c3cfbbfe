import type { OrchestrationName } from "../../shared/durable/names.ts";
import type { DurableClient } from "./durable-client.ts";
import { readInstanceStatus } from "./instance-status.ts";
import { type Identity, type MessageState, readMessageState, readStateAfterStart } from "./message-state.ts";
import { NotYet } from "./retry.ts";

/** The instance to start for a message. */
export interface Start extends Identity {
  readonly orchestration: OrchestrationName;
  /** Returns the instance's input. It is called only before a start, because it seals keys. */
  readonly input: () => unknown;
  /** Called before the start. It is not certain then that this payload will run. */
  readonly onStart?: () => void;
}

/** What one invocation needs to start instances. */
export interface Invocation {
  readonly client: DurableClient;
  /**
   * The ids of the instances that this invocation has started and whose claims were not open
   * before.
   */
  readonly started: Set<string>;
}

/** The states of a message that is safe: it can be removed from its queue. */
export type SafeState = Exclude<MessageState, { readonly is: "new" | "unclaimed" | "incomparable" | "lost" }>;

/**
 * Starts an instance for a message if there is none. Returns the message's state once it is safe,
 * which means that its claim is open. Throws `NotYet` until then; the caller must call again. An
 * accepted start proves nothing: if two happen at the same time, only one of them runs.
 */
export async function ensureInstance({ client, started }: Invocation, start: Start): Promise<SafeState> {
  const { instanceId, orchestration, input } = start;
  const state = started.has(instanceId) ? await readStateAfterStart(client, start) : await readMessageState(client, start);
  if (state.is === "incomparable") throw new NotYet(`SEALING_KEYS has no key with which the claim ${start.claimId} was opened`);
  if (state.is !== "new" && state.is !== "lost" && state.is !== "unclaimed") return state;
  // This comes before the start, because the instance may log its first step at once.
  if (state.is === "new") start.onStart?.();
  const isStarted = state.is !== "unclaimed" && (await startIfMissing(client, orchestration, instanceId, input()));
  // If the claim was open before the start, it does not prove that this instance runs.
  if (isStarted && state.is === "new") started.add(instanceId);
  throw new NotYet(`The claim ${start.claimId} is not open`);
}

/** Starts an instance. Returns false if an instance with this id exists already. */
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
    // The client has no error code for "an instance with this id runs already".
    if (!(await readInstanceStatus(client, instanceId, false))) throw error;
    return false;
  }
}
