import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { startTestStack } from "../support/running-stack.ts";
import { sampleEvent, structured } from "../support/sample.ts";

// A request is repeated after Azure has changed what the request leaves open: nothing is written
// again.

let stack: Awaited<ReturnType<typeof startTestStack>>;
before(async () => {
  stack = await startTestStack({ speed: 20 });
});
after(() => stack.stop());

type Json = Record<string, unknown>;
interface Resource {
  readonly properties: Json & { readonly routingConfiguration: Json; readonly vpnLinkConnections: { properties: Json }[] };
}
const hub = "/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network/virtualHubs/hub1";
const choices: readonly (readonly [name: string, change: (resource: Resource) => void])[] = [
  ["dpd-45", ({ properties }) => Object.assign(properties.vpnLinkConnections[0]?.properties ?? {}, { dpdTimeoutSeconds: 45 })],
  [
    "routing-intent",
    ({ properties: { routingConfiguration } }) =>
      Object.assign(routingConfiguration, {
        propagatedRouteTables: { labels: ["none"], ids: [{ id: `${hub}/hubRouteTables/noneRouteTable` }] },
      }),
  ],
];

for (const [index, [connectionName, change]] of choices.entries()) {
  test(`${connectionName}: a plan and a repetition are Unchanged, and there is one PUT`, async () => {
    const gatewayName = `gateway${index + 1}`;
    const answerTo = async (mode: "apply" | "plan") => {
      const event = sampleEvent((sample) => {
        Object.assign(sample.data.target, { gatewayName, connectionName });
        Object.assign(sample.data, { mode });
        Reflect.deleteProperty(sample.data.connection.properties, "routingConfiguration");
      });
      await stack.send(structured(event));
      const isAnswer = ({ body }: { body: { data: { requestId: string } } }) => body.data.requestId === event.id;
      const { body } = await eventually(`the answer to ${event.id}`, () => stack.received.find(isAnswer));
      return body.data;
    };
    const created = await answerTo("apply");
    assert.equal(created.change, "Created");

    const shown = structuredClone(created.resource) as Resource;
    change(shown);
    await stack.azure("POST", "/local/faults", {
      connection: connectionName,
      on: "get",
      times: "always",
      respond: { status: 200, body: shown },
    });
    const planned = await answerTo("plan");
    assert.deepEqual([planned.outcome, planned.change, planned.diff], ["Planned", "Unchanged", []]);
    const repeated = await answerTo("apply");
    assert.deepEqual([repeated.outcome, repeated.change], ["Succeeded", "Unchanged"]);
    const puts = (await stack.seen()).filter(({ method, url }) => method === "PUT" && url.includes(`/${gatewayName}/`));
    assert.equal(puts.length, 1);
  });
}
