/** Work of the Durable Task extension and of Azure Storage. */
export interface Work {
  readonly orchestratorTurns: number;
  readonly entityTurns: number;
  readonly activities: number;
  readonly storageTransactions: number;
}

/**
 * What one request costs. The simulation and the tables of docs/scale.md and docs/architecture.md
 * are made from these figures. After a change: `node local/node.js bench/write-tables.ts`.
 *
 * Turns, activities and transactions are those that `npm run bench -- --engine extension` counts.
 */
export const workPerRequest = {
  /**
   * A request with a key that gets its gateway at once, with one poll. Without a key it has one
   * entity turn and six transactions less.
   */
  withOnePoll: { orchestratorTurns: 10, entityTurns: 6, activities: 4, storageTransactions: 96 },
  furtherPoll: { orchestratorTurns: 2, entityTurns: 0, activities: 1, storageTransactions: 12 },
  /** One look of a request that waits: a timer, a look at the holder, a call of the lease. */
  look: { orchestratorTurns: 3, entityTurns: 1, activities: 1, storageTransactions: 22 },
} satisfies Record<string, Work>;

/** Calls of Resource Manager that one request makes. */
export const callsPerRequest = {
  /** The connection before the PUT, and the connection at the end. */
  readsBesidesPolls: 2,
  readsPerPoll: 1,
  /** What only this request names: its site. */
  ownPreflightReads: 1,
  /** What requests for one gateway share: the gateway, tables and maps of the hub, NAT rules. */
  sharedPreflightReads: 6,
  /** How long a process remembers the shared reads. */
  rememberedSeconds: 60,
  writes: 1,
} as const;

/**
 * Credits of Service Bus Standard: the request is sent and received, the completion event is sent,
 * two subscriptions look at it, and one reader receives it.
 */
export const creditsPerRequest = 6;

/** Bytes that go into Service Bus: a request with four links, and a typical completion event. */
export const bytesPerRequest = 6_500 + 10_000;

/**
 * A measured burst of requests whose operations are done at once, without a poll. Azurite used the
 * same cores, so an instance in Azure can carry more than this says.
 */
const burst = { requests: 40, seconds: 13.2, cores: 2, itemsPerRequest: 8 + 6 + 3 };

/** Processor time of one turn or activity, on one core. */
export const coreSecondsPerItem = (burst.seconds * burst.cores) / (burst.requests * burst.itemsPerRequest);

/** Adds up work: the first amount once, the second `times` times. */
export function addWork(first: Work, second: Work, times: number): Work {
  return {
    orchestratorTurns: first.orchestratorTurns + times * second.orchestratorTurns,
    entityTurns: first.entityTurns + times * second.entityTurns,
    activities: first.activities + times * second.activities,
    storageTransactions: first.storageTransactions + times * second.storageTransactions,
  };
}

/** Returns the work of a request that gets its gateway at once. */
export function workOfRequest(polls: number): Work {
  return addWork(workPerRequest.withOnePoll, workPerRequest.furtherPoll, polls - 1);
}

/** Returns a part of work. */
function scaleWork(work: Work, factor: number): Work {
  return addWork({ orchestratorTurns: 0, entityTurns: 0, activities: 0, storageTransactions: 0 }, work, factor);
}

/** A third of the work that is not for polls: before the lease, for the change, at the end. */
export const workOfStage = scaleWork(addWork(workPerRequest.withOnePoll, workPerRequest.furtherPoll, -1), 1 / 3);
