import type { TokenRate } from "./azure-limits.ts";

/** A resource that serves in order of arrival. Calls must come in order of time. */
export interface Bucket {
  /** Takes tokens. Returns the time at which there are enough of them. */
  take(time: number, tokens: number): number;
}

/** Returns a token bucket, full at time 0. */
export function createBucket({ perSecond, burst }: TokenRate): Bucket {
  let tokens = burst;
  let at = 0;
  return {
    take(time, wanted) {
      const start = Math.max(time, at);
      tokens = Math.min(burst, tokens + (start - at) * perSecond);
      const missing = Math.max(0, wanted - tokens);
      at = start + missing / perSecond;
      tokens += missing - wanted;
      return at;
    },
  };
}

/** Returns buckets of which a call needs tokens of each. */
export function createBuckets(rates: readonly TokenRate[]): Bucket {
  const buckets = rates.map(createBucket);
  return { take: (time, tokens) => Math.max(...buckets.map((bucket) => bucket.take(time, tokens))) };
}

/** Servers of one speed, each with a queue of jobs. Calls must come in order of time. */
export interface Servers {
  /** Gives a job to one server. Returns the time at which it is done. */
  serve(time: number, server: number, seconds: number): number;
  /** Gives a job to the server that is free first. */
  serveAnywhere(time: number, seconds: number): number;
}

/** Returns idle servers. */
export function createServers(count: number): Servers {
  const freeAt = new Float64Array(count);
  const serve = (time: number, server: number, seconds: number): number => {
    const done = Math.max(time, freeAt[server] as number) + seconds;
    freeAt[server] = done;
    return done;
  };
  return {
    serve,
    serveAnywhere(time, seconds) {
      let first = 0;
      for (let server = 1; server < count; server++) if ((freeAt[server] as number) < (freeAt[first] as number)) first = server;
      return serve(time, first, seconds);
    },
  };
}
