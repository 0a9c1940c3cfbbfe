import { coreSecondsPerItem, type Work } from "../work-per-request.ts";
import type { Setup } from "./loads.ts";
import { createServers } from "./resources.ts";

/** A storage transaction takes so long: an assumption, nothing was measured in Azure. */
const SECONDS_PER_TRANSACTION = 0.01;

/** When work is done, and how long it waited for a free instance. */
export interface Done {
  readonly at: number;
  readonly waited: number;
}

/** The instances that run a task hub. */
export interface TaskHub {
  /**
   * Does work of a request: turns on the instance that has its partition, then activities on the
   * instance that is free first. Calls must come in order of time.
   */
  work(time: number, partition: number, work: Work): Done;
}

/** Returns how long work takes if no other work is in its way. */
export function secondsOfWork(setup: Setup, work: Work): number {
  const { turning, acting, storing } = partsOf(setup, work);
  return turning + acting + storing;
}

function partsOf({ coresPerInstance }: Setup, { orchestratorTurns, entityTurns, activities, storageTransactions }: Work) {
  const secondsPerItem = coreSecondsPerItem / coresPerInstance;
  return {
    turning: (orchestratorTurns + entityTurns) * secondsPerItem,
    acting: activities * secondsPerItem,
    storing: storageTransactions * SECONDS_PER_TRANSACTION,
  };
}

/** Returns an idle task hub. */
export function createTaskHub(setup: Setup): TaskHub {
  const servers = createServers(setup.instances);
  return {
    work(time, partition, work) {
      const { turning, acting, storing } = partsOf(setup, work);
      // Both are given at once, so that calls stay in order of time; they take one after the other.
      const turned = servers.serve(time, partition % setup.instances, turning);
      const acted = servers.serveAnywhere(time, acting);
      const at = Math.max(turned + acting, acted);
      return { at: at + storing, waited: at - time - turning - acting };
    },
  };
}
