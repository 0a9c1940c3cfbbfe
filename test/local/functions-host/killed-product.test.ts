import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Claim } from "../../../shared/durable/claim.ts";
import { gatewayEntityKey } from "../../../shared/durable/entity-keys.ts";
import { freeGateway, type Gateway } from "../../../shared/durable/gateway.ts";
import { instanceIdOf } from "../../../shared/durable/instance-id.ts";
import type { Target } from "../../../shared/resource-id.ts";
import { startProduct } from "../../support/product.ts";
import { sampleEvent } from "../../support/sample.ts";

// The app itself, its host ended where it has just written to its store; the next host has nothing
// but the file.

type Product = Awaited<ReturnType<typeof startProduct>>;
type Run = Awaited<ReturnType<Product["run"]>>;
let product: Product;
before(async () => {
  product = await startProduct({ settings: { PREFLIGHT: "off" } });
});
after(() => product.stop());

/**
 * Requests for connections on one gateway, without keys: a change of the key alone is sent again,
 * because no read shows it.
 */
function requestsFor(count: number, name: string) {
  return Array.from({ length: count }, (_, index) =>
    sampleEvent(({ data }) => {
      data.target.gatewayName = `gateway${count}`;
      data.target.connectionName = `${name}-${index}`;
      for (const { properties } of data.connection.properties.vpnLinkConnections) delete properties["sharedKey"];
    }),
  );
}

/**
 * Provisions connections on one gateway, and ends the host after its `point`th commit; answers how
 * many there were.
 */
async function provisioned(count: number, point = 0): Promise<number> {
  let commits = 0;
  const run = await product.run({
    committed: () => {
      if (++commits === point) void Promise.resolve().then(() => run.crashAndRestart());
    },
  });
  try {
    const requests = requestsFor(count, `of-${count}-ended-at-${point}`);
    await Promise.all(requests.map((event) => run.deliver(event)));
    for (const event of requests) await assertAnswered(run, event);
    const lease = run.entity("gateway", gatewayEntityKey(requests[0]?.data.target as Target)) as Gateway | null;
    assert.deepEqual({ ...(lease ?? freeGateway), fences: {}, keys: {} }, freeGateway, "the lease is free");
  } catch (error) {
    throw new Error(`ended at commit ${point}`, { cause: error });
  } finally {
    await run.stop();
  }
  return commits;
}

async function assertAnswered(run: Run, { source, id }: ReturnType<typeof sampleEvent>): Promise<void> {
  const instanceId = instanceIdOf(source, id);
  await run.ends(instanceId);
  const published = run.history(instanceId).filter(({ EventType, Name }) => EventType === 4 && Name === "publishCompletion");
  assert.equal(new Set(published.map(({ Input }) => Input)).size, 1, "one content");
  await run.until("the event", () => product.events.some(({ messageId }) => messageId === `${instanceId}.completed`));
  const { outcome, problem } = JSON.parse(String(published[0]?.["Input"]))[0].event.data;
  assert.equal(outcome, "Succeeded", JSON.stringify(problem));
  assert.ok((run.entity("request", instanceId) as Claim).sent);
}

/** Each connection was written once, and no write was refused because another one was under way. */
async function assertPuts(count: number, runs: number): Promise<void> {
  const puts = (await product.seen()).filter(({ method, url }) => method === "PUT" && url.includes(`/of-${count}-`));
  const effective = puts.filter(({ status }) => status !== null && status < 300).map(({ url }) => url);
  assert.deepEqual([effective.length, new Set(effective).size], [count * runs, count * runs], effective.sort().join("\n"));
}

test("one provisioning ends as it should after whichever commit its host is ended", async () => {
  const reached = await provisioned(1);
  assert.ok(reached >= 8, `${reached} commits`);
  for (let point = 1; point <= reached; point++) await provisioned(1, point);
  await assertPuts(1, reached + 1);
});

test("two requests for one gateway likewise", async () => {
  const reached = await provisioned(2);
  assert.ok(reached >= 15, `${reached} commits`);
  const points = Array.from({ length: reached }, (_, index) => index + 1);
  for (const point of points) await provisioned(2, point);
  await assertPuts(2, points.length + 1);
});
