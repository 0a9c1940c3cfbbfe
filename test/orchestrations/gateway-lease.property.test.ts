import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cancelProvisioning } from "../../orchestrations/cancel-provisioning.ts";
import { provisionVpnConnection } from "../../orchestrations/provision-vpn-connection.ts";
import { freeGateway } from "../../shared/durable/gateway.ts";
import { overlapIn } from "./azure-played.ts";
import { type Arrival, driveTogether } from "./driven-together.ts";
import { cancellationOf, requestNamed } from "./requests.ts";

// Several real orchestrations in one world; a list of numbers decides who moves, what gets lost,
// doubled or late, and who is terminated.

const minutes = (most: number) => fc.integer({ min: 1, max: most });
const request = fc.record({
  gateway: fc.constantFrom("gateway1", "gateway1", "gateway1", "gateway2"),
  connection: fc.constantFrom("one", "two", "three"),
  deadlineMinutes: fc.option(minutes(60), { nil: undefined }),
  queueDeadlineMinutes: fc.option(minutes(120), { nil: undefined }),
  operationSeconds: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.constantFrom(1_800, 7_200, 40_000)),
  lostAnswer: fc.boolean(),
  mayBeTerminated: fc.boolean(),
});
const scenario = fc.record({
  requests: fc.array(request, { minLength: 1, maxLength: 4 }),
  ranks: fc.shuffledSubarray([1, 2, 3, 4], { minLength: 4 }),
  cancelled: fc.array(fc.nat(3), { maxLength: 2 }),
  choices: fc.array(fc.nat(1_000), { maxLength: 250, size: "max" }),
});

function arrivalsOf({ requests, ranks, cancelled }: Omit<typeof scenario extends fc.Arbitrary<infer T> ? T : never, "choices">): Arrival[] {
  const provisioning = requests.map(({ operationSeconds, lostAnswer, mayBeTerminated, ...limits }, index) => {
    const given = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
    const input = requestNamed(`request${index}`, { ...given, rank: ranks[index] as number });
    return { orchestrator: provisionVpnConnection, input, plan: { operationSeconds, lostAnswer }, mayBeTerminated };
  });
  const cancelling = cancelled
    .filter((index) => index < requests.length)
    .map((index, nth) => ({ orchestrator: cancelProvisioning, input: cancellationOf(`cancel${nth}`, `request${index}`) }));
  return [...provisioning, ...cancelling];
}

/**
 * One more request for each gateway, when all is over: whoever is dead and in its way is passed.
 */
const stragglers = ["gateway1", "gateway2"].map(
  (gateway): Arrival => ({ orchestrator: provisionVpnConnection, input: requestNamed(`straggler-${gateway}`, { gateway, rank: 9 }) }),
);

test("whatever is lost, doubled, late, cancelled or terminated: one change at a time, in order, one answer each, and the lease ends free", () => {
  fc.assert(
    fc.property(scenario, ({ choices, ...rest }) => {
      const arrivals = arrivalsOf(rest);
      const { instances, gateways, published, claims, operations, trace } = driveTogether(arrivals, choices, { last: stragglers });
      const told = () => trace.join("\n");
      assert.equal(overlapIn(operations), undefined, told());
      for (const [connection, ofIt] of Map.groupBy(operations, (operation) => operation.connection)) {
        const ranks = ofIt.map(({ instanceId }) => Number(instances.get(instanceId)?.input.sequenceNumber));
        assert.deepEqual(ranks, ranks.toSorted(), `${connection}: nothing older was written after something newer\n${told()}`);
      }
      for (const { input, status } of instances.values()) {
        const { instanceId } = input;
        assert.ok(status === "completed" || status === "terminated", `${instanceId} is ${status}\n${told()}`);
        if (instanceId.endsWith(".answer")) continue;
        assert.equal(published.get(`${instanceId}.completed`)?.size, 1, `${instanceId} has one answer\n${told()}`);
        assert.ok(claims.get(instanceId)?.sent);
      }
      for (const { input } of stragglers)
        assert.equal(claims.get(input.instanceId)?.completion?.event.data.outcome, "Succeeded", `a straggler is served\n${told()}`);
      for (const gateway of gateways.values())
        assert.deepEqual({ ...gateway, fences: {} }, freeGateway, `the lease is free again\n${told()}`);
    }),
    { numRuns: Number(process.env["LEASE_RUNS"] ?? 250) },
  );
});
