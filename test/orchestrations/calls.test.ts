import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../local/clock.ts";
import type { ArmResponse } from "../../shared/arm/response.ts";
import type { VpnConnection } from "../../shared/contract/connection.ts";
import type { Target } from "../../shared/resource-id.ts";
import { sampleEvent } from "../support/sample.ts";
import { type Call, type CallKind, createSimulatedAzure } from "../support/simulated-azure.ts";
import { beginning, drive } from "./driven.ts";
import { sealedRequest, wholeApp } from "./whole.ts";

// What one request asks of Resource Manager, call by call.

const { target, connection } = sampleEvent().data;
const withoutKey = (): VpnConnection => JSON.parse(JSON.stringify(connection, (name, value) => (name === "sharedKey" ? undefined : value)));
type Before = "nothing" | "the same" | "another" | "the same, still updating" | "an operation of somebody else";

async function callsOf(before: Before, change: Parameters<typeof sampleEvent>[0] = () => {}) {
  const clock = createManualClock(beginning - 3_600_000);
  const azure = createSimulatedAzure({ clock, operationSeconds: 55, retryAfterSeconds: 10 });
  const desired = withoutKey();
  if (before === "the same") azure.seed(target as Target, desired);
  if (before === "another") azure.seed(target as Target, { properties: { ...desired.properties, enableInternetSecurity: true } });
  clock.advanceTo(beginning - 1000);
  if (before === "the same, still updating") azure.begin(target as Target, desired);
  if (before === "an operation of somebody else") azure.begin({ ...target, connectionName: "another" } as Target, desired);
  clock.advanceTo(beginning);
  const request = sealedRequest((event) => {
    event.data.connection = desired as unknown as typeof event.data.connection;
    change(event);
  });
  const { completion } = await drive(request, wholeApp({ azure, publish: () => {} }), { clock });
  return { calls: azure.calls, data: completion.event.data };
}

/** Kinds in order; the reads of a check are one step, because they begin together. */
function kindsOf(calls: readonly Call[]): string[] {
  const kinds: readonly CallKind[] = calls.map(({ kind }) => kind);
  return kinds.flatMap((kind, index) => (kind === "check" && kinds[index - 1] === "check" ? [] : [kind]));
}
const polls = (count: number): CallKind[] => Array<CallKind>(count).fill("poll");

const flows: readonly (readonly [name: string, before: Before, kinds: readonly string[], outcome: string])[] = [
  // 55 s at a poll every 10 s.
  ["one that is not there", "nothing", ["check", "get", "put", ...polls(6), "verify"], "Succeeded Created"],
  ["one that differs", "another", ["check", "get", "put", ...polls(6), "verify"], "Succeeded Updated"],
  ["one that is there", "the same", ["check", "get"], "Succeeded Unchanged"],
  // No read has a hint, and nobody knows its operation: every 5 s, 54 s in all. The last poll is a
  // read of the connection, so it is also the read after the change.
  ["one that is on its way", "the same, still updating", ["check", "get", ...polls(11)], "Succeeded Updated"],
  // The refusal names the operation that is in the way: it is asked after 30 s, and then as it
  // says, every 10 s; then the change is tried again.
  [
    "a gateway that is busy",
    "an operation of somebody else",
    ["check", "get", "put", ...polls(4), "get", "put", ...polls(6), "verify"],
    "Succeeded Created",
  ],
];
for (const [name, before, kinds, outcome] of flows) {
  test(`${name}: ${kindsShown(kinds)}`, async () => {
    const { calls, data } = await callsOf(before);
    assert.deepEqual(kindsOf(calls), kinds);
    assert.equal(`${data.outcome} ${data.change}`, outcome);
  });
}
function kindsShown(kinds: readonly string[]): string {
  return kinds.filter((kind, index) => kind !== kinds[index - 1]).join(", ");
}

test("a plan reads, and neither writes nor waits", async () => {
  const { calls, data } = await callsOf("another", (event) => Object.assign(event.data, { mode: "plan" }));
  assert.deepEqual([kindsOf(calls), data.outcome], [["check", "get"], "Planned"]);
});

test("a request that breaks the contract asks nothing of Azure", async () => {
  const { calls, data } = await callsOf("nothing", (event) => Object.assign(event.data, { priority: 1 }));
  assert.deepEqual([calls, data.outcome], [[], "Rejected"]);
});

test("what a request names is read once each, all at once, and nothing else", async () => {
  const { calls } = await callsOf("nothing");
  const checks = calls.filter(({ kind }) => kind === "check");
  const named = [...JSON.stringify(connection).matchAll(/"id":"([^"]+)"/g)]
    .map(([, id = ""]) => id)
    .filter((id) => !id.includes("/vpnSiteLinks/"));
  const ids = new Set([
    ...named,
    `/subscriptions/${target.subscriptionId}/resourceGroups/rg1/providers/Microsoft.Network/vpnGateways/gateway1`,
  ]);
  assert.deepEqual(checks.map(({ url }) => url.split("?")[0]).sort(), [...ids].sort());
  assert.equal(new Set(checks.map(({ at }) => at)).size, 1);
});

test("every wait is a durable timer: between two calls of one kind lies what the service asked for, or 5 s", async () => {
  for (const [, before] of flows) {
    const { calls } = await callsOf(before);
    for (const [index, call] of calls.entries()) {
      const former = calls[index - 1];
      if (former?.kind !== "poll" || call.kind !== "poll") continue;
      assert.ok(call.at - former.at >= (former.retryAfterSeconds ?? 5) * 1000, `${before}: a poll after ${call.at - former.at} ms`);
    }
  }
});

test("what Azure finds only while it works, where nothing is checked before: one PUT, and Azure's own words", async () => {
  const clock = createManualClock(beginning);
  const azure = createSimulatedAzure({ clock });
  const request = sealedRequest((event) => Reflect.deleteProperty(event.data.connection.properties, "vpnLinkConnections"));
  const { completion } = await drive(request, wholeApp({ azure, publish: () => {}, preflightMode: "off" }), { clock });
  const { outcome, problem } = completion.event.data;
  assert.deepEqual([outcome, problem?.code, problem?.arm?.code], ["Failed", "OperationFailed", "InvalidConnectedSiteId"]);
  assert.deepEqual(kindsOf(azure.calls), ["get", "put", ...polls(6)]);
});

test("a deadline cuts the requester's wait, not the one that the service asked for; the gateway is kept until the connection has settled", async () => {
  const clock = createManualClock(beginning);
  const azure = createSimulatedAzure({ clock, retryAfterSeconds: 3000 });
  azure.script.add({ connection: "*", on: "put", operation: { seconds: 3000, lagSeconds: 600 } });
  const request = sealedRequest((event) => Object.assign(event.data, { deadlineMinutes: 5 }));
  const { completion, answeredAt, world, time } = await drive(request, wholeApp({ azure, publish: () => {} }), { clock });
  assert.equal(completion.event.data.problem?.code, "OperationDeadlineExceeded");
  assert.ok(answeredAt - beginning < 302_000);
  const [put, poll, ...rest] = azure.calls.filter(({ kind }) => kind !== "check" && kind !== "get");
  assert.deepEqual([put?.kind, poll?.kind], ["put", "poll"]);
  assert.ok((poll?.at ?? 0) - (put?.at ?? 0) >= 3_000_000);
  assert.ok(rest.length > 1 && rest.length < 30 && rest.every(({ kind }) => kind === "verify"), `${rest.length} more calls`);
  assert.ok(time - (put?.at ?? 0) >= 3_600_000);
  assert.deepEqual([world.gateway.holder, world.gateway.unsettled], [null, []]);
});

for (const hint of ["0", "1"]) {
  test(`a service that is away and asks for a wait of ${hint} s, for ever: no busy loop`, async () => {
    const clock = createManualClock(beginning);
    const away: ArmResponse = { status: 503, headers: { "retry-after": hint }, text: "" };
    const azure = createSimulatedAzure({ clock, interfere: ({ kind }, carry) => (kind === "get" ? away : carry()) });
    const { completion } = await drive(sealedRequest(), wholeApp({ azure, publish: () => {} }), { clock });
    assert.equal(completion.event.data.problem?.code, "ServiceUnavailable");
    const gets = azure.calls.filter(({ kind }) => kind === "get");
    assert.ok(gets.length > 20 && gets.length < 70, `${gets.length} reads in a quarter of an hour`);
    for (const [index, { at }] of gets.entries()) assert.ok(at - (gets[index - 1]?.at ?? 0) >= 1000);
  });
}

test("an operation that is to be polled without any wait is polled as one that names none", async () => {
  const clock = createManualClock(beginning);
  const azure = createSimulatedAzure({ clock, operationSeconds: 55, retryAfterSeconds: 0 });
  await drive(sealedRequest(), wholeApp({ azure, publish: () => {} }), { clock });
  assert.equal(azure.calls.filter(({ kind }) => kind === "poll").length, 11);
});
