import * as df from "durable-functions";
import type { Claim } from "../../shared/durable/claim.ts";
import { entities, orchestrations } from "../../shared/durable/names.ts";
import type { WriteStep } from "../../shared/log/steps.ts";
import type { DurableClient } from "../durable/durable-client.ts";

/** The orchestrations that show a step as soon as their first activity has returned. */
const stepShowingOrchestrations: readonly string[] = [orchestrations.provision, orchestrations.cancel];
/** An instance that shows no step for this long after its start may be stuck. */
const SUSPECTED_AFTER_MS = 3_600_000;
/**
 * How many sweeps must find the instance stuck before it is ended. After the app was stopped, its
 * instances need some minutes to continue.
 */
const MOST_LOOKS = 5;

/**
 * Ends instances that never reach their first step, because their first activity kills the host.
 * Each look is noted in the claim of the request, because the host's memory is lost. The sweep
 * publishes a completion for each instance that was ended.
 */
export async function endStuckInstances(client: DurableClient, log: WriteStep, now: Date, createdTimeFrom: Date): Promise<void> {
  const running = await client.getStatusBy({
    createdTimeFrom,
    createdTimeTo: new Date(now.getTime() - SUSPECTED_AFTER_MS),
    runtimeStatus: [df.OrchestrationRuntimeStatus.Running],
  });
  for (const { instanceId, name, customStatus } of running) {
    if (!stepShowingOrchestrations.includes(name) || customStatus) continue;
    await noteLookOrEnd(client, instanceId, log, now).catch((error: unknown) =>
      log("unswept", { instanceId, error: error instanceof Error ? error.name : "unknown" }),
    );
  }
}

async function noteLookOrEnd(client: DurableClient, instanceId: string, log: WriteStep, now: Date): Promise<void> {
  const claim = new df.EntityId(entities.request, instanceId);
  const looks = (await client.readEntityState<Claim>(claim)).entityState?.stuckAt?.length ?? 0;
  if (looks < MOST_LOOKS) {
    await client.signalEntity(claim, "noteStuck", { at: now.toISOString() });
    return log("stuck", { instanceId, looks: looks + 1 });
  }
  await client.terminate(instanceId, "It showed no step for more than an hour.");
  log("stuckEnded", { instanceId });
}
