import { bytesPerRequest, callsPerRequest, coreSecondsPerItem, creditsPerRequest, workOfRequest } from "../work-per-request.ts";
import {
  managerReads,
  networkReads,
  networkWrites,
  premiumBytesPerSecond,
  queueMessagesPerSecond,
  schedulerActionsPerSecond,
  serviceBusCreditsPerSecond,
  storageRequestsPerSecond,
} from "./azure-limits.ts";
import { secondsOfHold } from "./demand.ts";
import { meanOverRecorded } from "./operations.ts";

/** How many requests one resource carries if nothing else limits them. */
export interface Capacity {
  readonly resource: string;
  readonly requestsPerSecond: number;
}

const oneCore = { partitions: 4, instances: 1, coresPerInstance: 1 };

/** Returns what each resource carries: requests with the times of operations as recorded. */
export function capacities(): Capacity[] {
  const polls = meanOverRecorded((times) => times.length);
  const { orchestratorTurns, entityTurns, activities, storageTransactions } = workOfRequest(polls);
  const turns = orchestratorTurns + entityTurns;
  const reads = callsPerRequest.ownPreflightReads + callsPerRequest.readsBesidesPolls + polls * callsPerRequest.readsPerPoll;
  const oneInstance = 1 / ((turns + activities) * coreSecondsPerItem);
  /** Orchestrators and entities run only on the instances that have a partition. */
  const partition = 1 / (turns * coreSecondsPerItem);
  const actions = countActions(polls);
  return [
    { resource: "one gateway", requestsPerSecond: 1 / meanOverRecorded((times) => secondsOfHold(oneCore, times)) },
    { resource: "one instance with one core", requestsPerSecond: oneInstance },
    { resource: "a task hub with 4 partitions, each on one core", requestsPerSecond: 4 * partition },
    { resource: "a task hub with 16 partitions, each on one core", requestsPerSecond: 16 * partition },
    { resource: "a task hub with 16 partitions, each on two cores", requestsPerSecond: 32 * partition },
    { resource: "the queue of activities of one task hub", requestsPerSecond: queueMessagesPerSecond / activities },
    { resource: "one storage account", requestsPerSecond: storageRequestsPerSecond / storageTransactions },
    { resource: "one subscription, writes of Microsoft.Network", requestsPerSecond: networkWrites.perSecond / callsPerRequest.writes },
    { resource: "one identity in one subscription, reads", requestsPerSecond: managerReads.perSecond / reads },
    {
      resource: "the same, if no shared read is remembered",
      requestsPerSecond: managerReads.perSecond / (reads + callsPerRequest.sharedPreflightReads),
    },
    { resource: "one subscription, reads of Microsoft.Network", requestsPerSecond: networkReads.perSecond / reads },
    { resource: "one namespace, Service Bus Standard", requestsPerSecond: serviceBusCreditsPerSecond / creditsPerRequest },
    { resource: "one messaging unit, Service Bus Premium", requestsPerSecond: premiumBytesPerSecond / bytesPerRequest },
    { resource: "Durable Task Scheduler, consumption", requestsPerSecond: schedulerActionsPerSecond.consumption / actions },
    { resource: "Durable Task Scheduler, one capacity unit", requestsPerSecond: schedulerActionsPerSecond.dedicated / actions },
  ];
}

/**
 * Counts actions of Durable Task Scheduler by its documented rule: one for the start, two for an
 * activity, two for a call of an entity, one for a timer.
 */
function countActions(polls: number): number {
  const { activities, entityTurns } = workOfRequest(polls);
  return 1 + 2 * activities + 2 * entityTurns + polls;
}
