import { after, before, describe, test } from "node:test";
import { playPairsOfPayloads, playPairsOfRequests, playWaits } from "../support/bursts.ts";
import { startDevStack } from "../support/dev-stack.ts";

// Bursts of messages on the Durable Task extension, all at once on one stack: it accepts two starts
// of one id, mixes up the order of instances, and fires timers early.

const COUNT = 16;
const BOUND_MS = 180_000;

describe("bursts on the Durable Task extension", { concurrency: true }, () => {
  let stack: Awaited<ReturnType<typeof startDevStack>>;
  before(async () => {
    stack = await startDevStack();
  });
  after(() => stack?.stop());

  for (const [index, [name, play]] of [
    ["an older request never overwrites a newer one, and both are answered", playPairsOfRequests] as const,
    ["one id, two payloads at the same moment: one completion and one conflict", playPairsOfPayloads] as const,
    ["no call of Azure comes before its Retry-After is over", playWaits] as const,
  ].entries()) {
    test(name, (t) => play({ stack, ask: stack.ask, t, count: COUNT, firstGateway: index * COUNT + 1, boundMs: BOUND_MS }));
  }
});
