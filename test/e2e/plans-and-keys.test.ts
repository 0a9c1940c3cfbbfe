import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { startTestStack } from "../support/running-stack.ts";
import { sampleEvent, structured } from "../support/sample.ts";

// What a plan says and does not do, and what is known of keys that no read shows.

let stack: Awaited<ReturnType<typeof startTestStack>>;
before(async () => {
  stack = await startTestStack({ speed: 20 });
});
after(() => stack.stop());

type Change = NonNullable<Parameters<typeof sampleEvent>[0]>;

/**
 * Sends the sample for a gateway and connection of its own, changed, and answers the data of its
 * completion.
 */
async function answerTo(gateway: number, change: Change) {
  const event = sampleEvent((sample) => {
    Object.assign(sample.data.target, { gatewayName: `gateway${gateway}`, connectionName: `planned${gateway}` });
    change(sample);
  });
  await stack.send(structured(event));
  const { body } = await eventually(`the answer to ${event.id}`, () =>
    stack.received.find((message) => message.body.data.requestId === event.id),
  );
  return body.data;
}
const link = (event: Parameters<Change>[0]) => event.data.connection.properties.vpnLinkConnections[0]?.properties ?? {};
const plan: Change = (event) => void Object.assign(event.data, { mode: "plan" });
const both =
  (...changes: readonly Change[]): Change =>
  (event) => {
    for (const change of changes) change(event);
  };
const withKey =
  (sharedKey: unknown): Change =>
  (event) =>
    void Object.assign(link(event), { sharedKey });
const putsTo = async (gateway: number) =>
  (await stack.seen()).filter(({ method, url }) => method === "PUT" && url.includes(`/gateway${gateway}/`));

test("a plan says what would be created, changed or left alone, and never writes", async () => {
  const created = await answerTo(1, plan);
  assert.deepEqual([created.outcome, created.change, created.resource, created.problem], ["Planned", "Created", null, null]);
  assert.ok(
    created.diff.some(({ target, change }: { target: string; change: string }) => change === "add" && target.endsWith("/remoteVpnSite")),
  );
  assert.equal((await putsTo(1)).length, 0);

  assert.equal((await answerTo(1, () => {})).change, "Created");
  assert.equal((await answerTo(1, plan)).change, "Unchanged");
  const slower = await answerTo(
    1,
    both(plan, (event) => Object.assign(link(event), { connectionBandwidth: 50 })),
  );
  assert.deepEqual([slower.outcome, slower.change], ["Planned", "Updated"]);
  assert.deepEqual(slower.diff, [
    { target: "/properties/vpnLinkConnections/connection-link1/properties/connectionBandwidth", change: "set", before: 200, after: 50 },
  ]);
  assert.equal(slower.resource.properties.provisioningState, "Succeeded");
  assert.equal((await putsTo(1)).length, 1, "one PUT for the one request that was no plan");
});

test("a plan does not wait for the gateway", async () => {
  await stack.azure("POST", "/local/faults", { connection: "planned2", on: "put", operation: { seconds: 100 } });
  const long = answerTo(2, () => {});
  await eventually("the gateway is busy", async () => (await putsTo(2)).length === 1);
  const planned = await answerTo(
    2,
    both(plan, (event) => Object.assign(event.data.target, { connectionName: "another" })),
  );
  assert.deepEqual([planned.outcome, planned.change], ["Planned", "Created"]);
  assert.equal((await long).outcome, "Succeeded");
});

test("an update tells what it changed; the same again is no change, its key included", async () => {
  assert.equal((await answerTo(3, withKey("the-first-key"))).change, "Created");
  const again = await answerTo(3, withKey("the-first-key"));
  assert.deepEqual([again.change, again.diff], ["Unchanged", null]);
  assert.equal((await putsTo(3)).length, 1);

  const updated = await answerTo(
    3,
    both(withKey("another-key"), (event) => Object.assign(link(event), { routingWeight: 7 })),
  );
  assert.deepEqual(
    [updated.change, updated.diff.map(({ target, change, after: now }: Record<string, unknown>) => [target, change, now])],
    [
      "Updated",
      [
        ["/properties/vpnLinkConnections/connection-link1/properties/routingWeight", "set", 7],
        ["/properties/vpnLinkConnections/connection-link1/properties/sharedKey", "key", "changed"],
      ],
    ],
  );
  const planned = await answerTo(
    3,
    both(plan, withKey("another-key"), (event) => Object.assign(link(event), { routingWeight: 7 })),
  );
  assert.equal(planned.change, "Unchanged", "a plan knows the key, too");
  const told = JSON.stringify(stack.received.map(({ body }) => body));
  for (const key of ["the-first-key", "another-key"]) assert.ok(!told.includes(key), /.{80}(the-first|another)-key.{40}/.exec(told)?.[0]);
});

test("a source that has set no key here learns nothing of the key: its plan says unknown, its apply is a PUT", async () => {
  const from =
    (source: string): Change =>
    (event) =>
      void Object.assign(event, { source });
  const keyOf = ({ change, diff }: { change: string; diff: { change: string; after: unknown }[] | null }) => [
    change,
    diff?.filter((difference) => difference.change === "key").map(({ after }) => after),
  ];
  assert.equal((await answerTo(5, withKey("Summer-2026"))).change, "Created");
  for (const guess of ["Winter-2026", "Summer-2026"])
    assert.deepEqual(keyOf(await answerTo(5, both(plan, from("/other"), withKey(guess)))), ["Updated", ["unknown"]]);
  assert.deepEqual(keyOf(await answerTo(5, both(plan, withKey("Summer-2026")))), ["Unchanged", []]);
  assert.deepEqual(keyOf(await answerTo(5, both(plan, withKey("Winter-2026")))), ["Updated", ["changed"]]);
  assert.equal((await putsTo(5)).length, 1);

  assert.deepEqual(keyOf(await answerTo(5, both(from("/other"), withKey("Summer-2026")))), ["Updated", ["unknown"]]);
  assert.equal((await putsTo(5)).length, 2);
  assert.equal((await answerTo(5, both(plan, from("/other"), withKey("Summer-2026")))).change, "Unchanged");
});

test("a change that Azure could not carry out leaves nothing known of the key", async () => {
  assert.equal((await answerTo(4, withKey("the-first-key"))).change, "Created");
  await stack.azure("POST", "/local/faults", { connection: "planned4", on: "put", operation: { end: "Failed" } });
  assert.equal((await answerTo(4, withKey("the-other-key"))).outcome, "Failed");
  const repaired = await answerTo(4, withKey("the-first-key"));
  assert.deepEqual([repaired.outcome, repaired.change], ["Succeeded", "Updated"], "equal but Failed is written again");
  assert.equal((await putsTo(4)).length, 3);
});
