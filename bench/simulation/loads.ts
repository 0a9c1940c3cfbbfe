/** What is deployed: one app, one task hub, one subscription, one identity, one region. */
export interface Setup {
  readonly partitions: number;
  readonly instances: number;
  readonly coresPerInstance: number;
}

/** A number of requests a day, and where they go. */
export interface Load {
  readonly name: string;
  readonly requestsPerDay: number;
  /** `steady`: all day alike. `night`: a third of the day's requests comes in one hour. */
  readonly arrivals: "steady" | "night";
  readonly gateways: number;
  readonly setup: Setup;
}

/** A fifth of the gateways gets half of the requests. */
export const skew = { gateways: 0.2, requests: 0.5 } as const;

export const shareOfNight = 1 / 3;
export const secondsOfNight = 3_600;
export const secondsOfDay = 86_400;

const oneInstance: Setup = { partitions: 4, instances: 1, coresPerInstance: 1 };
const shipped: Setup = { partitions: 4, instances: 4, coresPerInstance: 1 };
const widened: Setup = { partitions: 8, instances: 8, coresPerInstance: 1 };

const small = { requestsPerDay: 100, gateways: 5, setup: oneInstance };
const medium = { requestsPerDay: 10_000, gateways: 50, setup: shipped };
const large = { requestsPerDay: 1_000_000, gateways: 5_000, setup: shipped };
/** One of twenty subscriptions, each with an app, a task hub, and a twentieth of the gateways. */
const divided = { requestsPerDay: large.requestsPerDay / 20, gateways: large.gateways / 20, setup: widened };

/** The loads of docs/scale.md. */
export const loads: readonly Load[] = [
  { name: "100", arrivals: "steady", ...small },
  { name: "100", arrivals: "night", ...small },
  { name: "10,000", arrivals: "steady", ...medium },
  { name: "10,000", arrivals: "night", ...medium },
  { name: "1,000,000", arrivals: "steady", ...large },
  { name: "1,000,000", arrivals: "night", ...large },
  { name: "1,000,000 in 20 shares", arrivals: "steady", ...divided },
  { name: "1,000,000 in 20 shares", arrivals: "night", ...divided },
];

/** Returns the rate at which requests arrive while they arrive. */
export function arrivalsPerSecond({ requestsPerDay, arrivals }: Load): number {
  return arrivals === "steady" ? requestsPerDay / secondsOfDay : (requestsPerDay * shareOfNight) / secondsOfNight;
}
