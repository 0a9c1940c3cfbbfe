import { callsPerRequest } from "../work-per-request.ts";
import { arrivalsPerSecond, type Load, secondsOfDay, secondsOfNight, skew } from "./loads.ts";
import { recordedPollTimes, recordedTimes } from "./operations.ts";
import { drawGap, type Random } from "./random.ts";

/** A request as it arrives. */
export interface Arrival {
  readonly at: number;
  readonly gateway: number;
  readonly partition: number;
  /** When its operation is polled, in seconds since the PUT. */
  readonly pollTimes: readonly number[];
  /** The reads of its validation that no instance remembers. */
  readonly preflightReads: number;
}

/** The times at which requests arrive: the whole day, or the hour of a change night. */
interface Period {
  readonly from: number;
  readonly until: number;
}

export interface Arrivals {
  readonly requests: readonly Arrival[];
  readonly periods: readonly Period[];
  /** False if there are too many requests, so that only the first ones are simulated. */
  readonly isWhole: boolean;
}

const MOST_REQUESTS = 20_000;
const LONGEST_NIGHT = 2 * MOST_REQUESTS;
const MOST_NIGHTS = 200;

/** The gateways 0 to this number, exclusive, are the busy ones. */
export function countBusyGateways({ gateways }: Load): number {
  return Math.max(1, Math.round(gateways * skew.gateways));
}

/** Draws the requests of a load: some days of a steady one, or some nights, a day apart. */
export function drawArrivals(load: Load, random: Random): Arrivals {
  const rate = arrivalsPerSecond(load);
  const atOnce = load.arrivals === "steady" ? secondsOfDay : secondsOfNight;
  // A night is simulated as a whole if it is not too long for that.
  const length = Math.min(atOnce, (load.arrivals === "steady" ? MOST_REQUESTS : LONGEST_NIGHT) / rate);
  const repetitions = Math.max(1, Math.min(MOST_NIGHTS, Math.floor(MOST_REQUESTS / (rate * atOnce))));
  const periods = Array.from({ length: repetitions }, (_, day) => ({ from: day * secondsOfDay, until: day * secondsOfDay + length }));
  const polls = recordedTimes.flatMap((time) => Array.from({ length: time.count }, () => recordedPollTimes(time)));
  const requests: Arrival[] = [];
  const remembered = createMemory(load, random);
  for (const { from, until } of periods) {
    for (let at = from + drawGap(random, rate); at < until; at += drawGap(random, rate)) {
      const gateway = drawGateway(load, random);
      requests.push({
        at,
        gateway,
        partition: Math.floor(random() * load.setup.partitions),
        pollTimes: polls[Math.floor(random() * polls.length)] as readonly number[],
        preflightReads: callsPerRequest.ownPreflightReads + (remembered(gateway, at) ? 0 : callsPerRequest.sharedPreflightReads),
      });
    }
  }
  return { requests, periods, isWhole: length === atOnce };
}

function drawGateway(load: Load, random: Random): number {
  const busy = countBusyGateways(load);
  if (busy === load.gateways || random() < skew.requests) return Math.floor(random() * busy);
  return busy + Math.floor(random() * (load.gateways - busy));
}

/**
 * Returns whether the instance that validates a request remembers what others have read of its
 * gateway. If not, it does from then on.
 */
function createMemory({ setup: { instances } }: Load, random: Random): (gateway: number, at: number) => boolean {
  const until = new Map<number, number>();
  return (gateway, at) => {
    const key = gateway * instances + Math.floor(random() * instances);
    if ((until.get(key) ?? 0) > at) return true;
    until.set(key, at + callsPerRequest.rememberedSeconds);
    return false;
  };
}
