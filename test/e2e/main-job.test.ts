import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { removeSecretFields } from "../../shared/secrets/redaction.ts";
import { eventually } from "../support/eventually.ts";
import { type SeenRequest, startTestStack } from "../support/running-stack.ts";
import { sampleEvent, structured } from "../support/sample.ts";

// One message in, one completion event out: the real app, the real clients, real sockets.

let stack: Awaited<ReturnType<typeof startTestStack>>;
before(async () => {
  stack = await startTestStack();
});
after(() => stack.stop());

const path = "/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network/vpnGateways/gateway1/vpnConnections/vpnConnection1";

test("the reference's sample is provisioned, and what went over the wire is what it says", async () => {
  const event = sampleEvent();
  await stack.send(structured(event));
  const [message] = await eventually("the completion", () => (stack.received.length > 0 ? stack.received : undefined));
  assert.ok(message);

  assert.equal(message.body.data.outcome, "Succeeded", JSON.stringify(message.body.data.problem));
  assert.equal(message.body.data.change, "Created");
  assert.equal(message.body.data.requestId, event.id);
  assert.equal(message.body.subject, path);
  assert.deepEqual(message.body.data.ticket, event.data.ticket);
  assert.equal(message.messageId, message.body.id);
  assert.equal(message.correlationId, event.id);
  assert.equal(message.contentType, "application/cloudevents+json; charset=utf-8");
  const { traceparent, ...properties } = message.applicationProperties ?? {};
  assert.equal(traceparent, message.body.traceparent);
  assert.deepEqual(
    { ...properties, gateway: String(properties["gateway"]).split("/").at(-1) },
    { "Diagnostic-Id": traceparent, outcome: "Succeeded", change: "Created", requestSource: "/ticketing/servicenow", gateway: "gateway1" },
  );

  const all = await stack.seen();
  // What the request names is looked up once each, before anything else, in no certain order.
  const network = path.slice(0, path.indexOf("/vpnGateways/"));
  const { remoteVpnSite, routingConfiguration: routing } = event.data.connection.properties as unknown as {
    remoteVpnSite: { id: string };
    routingConfiguration: {
      propagatedRouteTables: { ids: { id: string }[] };
      inboundRouteMap: { id: string };
      outboundRouteMap: { id: string };
    };
  };
  const { propagatedRouteTables, inboundRouteMap, outboundRouteMap } = routing;
  const named = [
    `${network}/vpnGateways/gateway1`,
    ...[remoteVpnSite, ...propagatedRouteTables.ids, inboundRouteMap, outboundRouteMap].map(({ id }) => id),
  ];
  const lookedUp = all.slice(0, named.length).map(({ method, url }) => `${method} ${url}`);
  assert.deepEqual(lookedUp.toSorted(), named.map((id) => `GET ${id}?api-version=2024-03-01`).toSorted());

  const seen = all.slice(named.length);
  const polls = seen.filter(({ url }) => url.includes("/operations/"));
  assert.deepEqual(
    seen.map(({ method, url }) => `${method} ${url.includes("/operations/") ? "operation" : url}`),
    [
      `GET ${path}?api-version=2024-03-01`,
      `PUT ${path}?api-version=2024-03-01`,
      ...polls.map(() => "GET operation"),
      `GET ${path}?api-version=2024-03-01`,
    ],
  );
  const put = seen[1] as SeenRequest;
  assert.deepEqual(put.body, event.data.connection);
  assert.equal(put.status, 201);

  assert.ok(polls.length >= 2, `a few polls: ${polls.length}`);
  for (const [index, poll] of polls.entries()) {
    const before = index === 0 ? put : (polls[index - 1] as SeenRequest);
    assert.ok(poll.at - before.at >= 2000, `poll ${index} came ${poll.at - before.at} ms after the answer that said Retry-After: 2`);
  }
  assert.equal(message.body.data.timing.polls, polls.length);

  const last = seen.at(-1) as SeenRequest;
  assert.deepEqual(message.body.data.resource, removeSecretFields(last.response));
  assert.equal(message.body.data.resource.properties.provisioningState, "Succeeded");
  assert.ok(!("sharedKey" in message.body.data.resource.properties.vpnLinkConnections[0].properties));
});
