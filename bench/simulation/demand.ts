import {
  callsPerRequest,
  coreSecondsPerItem,
  creditsPerRequest,
  type Work,
  workOfRequest,
  workOfStage,
  workPerRequest,
} from "../work-per-request.ts";
import { type Arrival, type Arrivals, countBusyGateways } from "./arrivals.ts";
import { managerReads, networkWrites, serviceBusCreditsPerSecond, storageRequestsPerSecond } from "./azure-limits.ts";
import type { Load, Setup } from "./loads.ts";
import { secondsOfWork } from "./task-hub.ts";

/** The resources whose load is reported, in the order of the tables. */
export const resources = ["gateways", "partitions", "instances", "storage", "serviceBus", "reads", "writes"] as const;
export type Resource = (typeof resources)[number];

/** Adds up what requests need while they arrive, to compare it with what each resource carries. */
export interface Demand {
  addRequest(arrival: Arrival): void;
  addLook(time: number): void;
  /** Returns the load of each resource: 1 is what it can carry. */
  loads(): Record<Resource, number>;
}

/** Returns how long a request holds its gateway if nothing makes it wait. */
export function secondsOfHold(setup: Setup, pollTimes: readonly number[]): number {
  return 2 * secondsOfWork(setup, workOfStage) + (pollTimes.at(-1) ?? 0) + secondsOfWork(setup, workPerRequest.furtherPoll);
}

/** Returns a demand of nothing. `periods` are the times at which requests arrive. */
export function createDemand(load: Load, periods: Arrivals["periods"]): Demand {
  const { partitions, instances, coresPerInstance } = load.setup;
  const busyGateways = countBusyGateways(load);
  const seconds = periods.reduce((sum, { from, until }) => sum + until - from, 0);
  const total = { turns: 0, items: 0, transactions: 0, reads: 0, writes: 0, credits: 0, hold: 0 };
  const addWork = ({ orchestratorTurns, entityTurns, activities, storageTransactions }: Work) => {
    total.turns += orchestratorTurns + entityTurns;
    total.items += orchestratorTurns + entityTurns + activities;
    total.transactions += storageTransactions;
  };
  return {
    addRequest({ gateway, pollTimes, preflightReads }) {
      const polls = pollTimes.length;
      addWork(workOfRequest(polls));
      if (gateway < busyGateways) total.hold += secondsOfHold(load.setup, pollTimes);
      total.reads += preflightReads + callsPerRequest.readsBesidesPolls + polls * callsPerRequest.readsPerPoll;
      total.writes += callsPerRequest.writes;
      total.credits += creditsPerRequest;
    },
    addLook(time) {
      // After the last arrival there is capacity for the looks of those that still wait.
      if (periods.some(({ from, until }) => time >= from && time < until)) addWork(workPerRequest.look);
    },
    loads: () => ({
      gateways: total.hold / (busyGateways * seconds),
      partitions: (total.turns * coreSecondsPerItem) / (Math.min(partitions, instances) * coresPerInstance * seconds),
      instances: (total.items * coreSecondsPerItem) / (instances * coresPerInstance * seconds),
      storage: total.transactions / (storageRequestsPerSecond * seconds),
      serviceBus: total.credits / (serviceBusCreditsPerSecond * seconds),
      reads: total.reads / (managerReads.perSecond * seconds),
      writes: total.writes / (networkWrites.perSecond * seconds),
    }),
  };
}
