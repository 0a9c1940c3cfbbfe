import { callsPerRequest, type Work, workOfStage, workPerRequest } from "../work-per-request.ts";
import { type Arrival, type Arrivals, drawArrivals } from "./arrivals.ts";
import { managerReads, managerWrites, networkReads, networkWrites } from "./azure-limits.ts";
import { createDemand, type Demand, type Resource } from "./demand.ts";
import { createGateways } from "./gateways.ts";
import type { Load } from "./loads.ts";
import { createRandom } from "./random.ts";
import { type Bucket, createBuckets } from "./resources.ts";
import { createScheduler, type Process } from "./scheduler.ts";
import { type Spread, spreadOf } from "./spread.ts";
import { createTaskHub } from "./task-hub.ts";

/** What one load leads to. Times are in seconds. */
export interface Outcome {
  readonly load: Load;
  readonly requests: number;
  /** The work that arrives for each resource: 1 is what it can carry. */
  readonly loadOf: Readonly<Record<Resource, number>>;
  /** Null if more arrives than can be carried, and goes on arriving: then waits only grow. */
  readonly waits: Waits | null;
}

export interface Waits {
  readonly completed: number;
  readonly gateway: Spread;
  /** For tokens of Resource Manager and for a free instance, over all steps of a request. */
  readonly other: Spread;
  /** From the arrival of a request to its completion. */
  readonly endToEnd: Spread;
}

/**
 * Simulates one load: requests arrive by chance, wait for their gateway, for tokens and for a free
 * instance, and are polled as the app polls. The same seed gives the same outcome.
 */
export function runLoad(load: Load, seed = 1): Outcome {
  const arrivals = drawArrivals(load, createRandom(seed));
  const demand = createDemand(load, arrivals.periods);
  for (const arrival of arrivals.requests) demand.addRequest(arrival);
  const isTooMuch = !arrivals.isWhole && Math.max(...Object.values(demand.loads())) > 1;
  const waits = isTooMuch ? null : simulate(load, arrivals, demand);
  return { load, requests: arrivals.requests.length, loadOf: demand.loads(), waits };
}

const LONGEST_WAIT_SECONDS = 10 * 86_400;

interface Times {
  gateway: number;
  other: number;
  endToEnd: number;
}

function simulate(load: Load, { requests }: Arrivals, demand: Demand): Waits {
  const scheduler = createScheduler();
  const hub = createTaskHub(load.setup);
  const gateways = createGateways(load.gateways, scheduler);
  const reads = createBuckets([managerReads, networkReads]);
  const writes = createBuckets([managerWrites, networkWrites]);
  const completed: Times[] = [];

  function* carryOut({ at, gateway, partition, pollTimes, preflightReads }: Arrival, self: () => Process): Process {
    let now = at;
    let waited = 0;
    const take = (bucket: Bucket, tokens: number): number => {
      const ready = bucket.take(now, tokens);
      waited += ready - now;
      return ready;
    };
    const work = (amount: Work): number => {
      const done = hub.work(now, partition, amount);
      waited += done.waited;
      return done.at;
    };

    now = yield take(reads, preflightReads);
    now = yield work(workOfStage);
    const joinedAt = now;
    if (!gateways.join(gateway, self())) {
      const queue = { isLeft: false };
      scheduler.resume(look(partition, joinedAt, queue), joinedAt);
      now = yield null;
      queue.isLeft = true;
    }
    const grantedAt = now;
    now = yield take(reads, 1);
    now = yield work(workOfStage);
    now = yield take(writes, callsPerRequest.writes);
    const submittedAt = now;
    for (const pollTime of pollTimes) {
      // A poll that came late does not make the next one late.
      now = yield Math.max(now, submittedAt + pollTime);
      now = yield take(reads, callsPerRequest.readsPerPoll);
      now = yield work(workPerRequest.furtherPoll);
    }
    now = yield take(reads, 1);
    now = yield work(workOfStage);
    gateways.release(gateway, now);
    completed.push({ gateway: grantedAt - joinedAt, other: waited, endToEnd: now - at });
  }

  /** The looks of a request that waits for its gateway. */
  function* look(partition: number, joinedAt: number, queue: { readonly isLeft: boolean }): Process {
    let now = joinedAt;
    for (let looks = 1; ; looks++) {
      now = yield now + secondsToNextLook(looks, now - joinedAt);
      if (queue.isLeft) return;
      // Without this, a mistake in the simulation would never end.
      if (now - joinedAt > LONGEST_WAIT_SECONDS) throw new Error("A simulated request waits for its gateway without end");
      demand.addLook(now);
      now = yield hub.work(now, partition, workPerRequest.look).at;
    }
  }

  for (const arrival of requests) {
    const process: Process = carryOut(arrival, () => process);
    scheduler.resume(process, arrival.at);
  }
  scheduler.run();
  const spread = (kind: keyof Times) => spreadOf(completed.map((times) => times[kind]));
  return { completed: completed.length, gateway: spread("gateway"), other: spread("other"), endToEnd: spread("endToEnd") };
}

/** The waits of orchestrations/gateway-lease.ts, without its jitter. */
function secondsToNextLook(look: number, waitedSeconds: number): number {
  return Math.min(1_800, Math.max(Math.min(30 * 2 ** (look - 1), 300), waitedSeconds / 30));
}
