import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { problem } from "../../shared/contract/problem.ts";
import type { Settled } from "../../shared/durable/settled.ts";
import { type DurableClient, durableClientOf } from "./durable-client.ts";

/** Reads the status of an instance. Returns undefined if there is no such instance. */
export async function readInstanceStatus(
  client: DurableClient,
  instanceId: string,
  showInput = true,
): Promise<df.DurableOrchestrationStatus | undefined> {
  try {
    return await client.getStatus(instanceId, { showInput });
  } catch (error) {
    // The client has no error code for an unknown instance, only this text.
    if (error instanceof Error && error.message.includes("HTTP 404")) return undefined;
    throw error;
  }
}

/** Returns true if an instance has completed, failed or been ended. */
export function hasEnded({ runtimeStatus }: df.DurableOrchestrationStatus): boolean {
  const { Completed, Failed, Terminated, Canceled } = df.OrchestrationRuntimeStatus;
  return [Completed, Failed, Terminated, Canceled].includes(runtimeStatus);
}

/** Returns true if an instance exists and has not ended. A suspended instance has not ended. */
export async function isAlive(context: InvocationContext, instanceId: string): Promise<boolean> {
  const status = await readInstanceStatus(durableClientOf(context), instanceId, false);
  return status !== undefined && !hasEnded(status);
}

/**
 * Returned when the durable store cannot say whether the instance still runs. Retry later; nothing
 * was written.
 */
export const instanceStateUnknown: Settled<never> = {
  later: {
    class: "transient",
    problem: problem("ServiceUnavailable", "The app's own store did not respond, so nothing was sent to Azure."),
  },
};

/**
 * Returns the input of an instance. Some versions of the extension return it as JSON in a string.
 */
export function parseInput(status: df.DurableOrchestrationStatus): unknown {
  const { input } = status;
  return typeof input === "string" ? JSON.parse(input) : input;
}
