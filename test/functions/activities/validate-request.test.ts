import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceManager } from "../../../azure/resource-manager.ts";
import { validateRequest } from "../../../functions/activities/validate-request.ts";
import { requestType } from "../../../shared/contract/request.ts";
import { everyTarget } from "../../support/allowed.ts";
import { sampleEvent } from "../../support/sample.ts";

// What an instance holds was read by an earlier version of the app, perhaps one with other bounds:
// whatever it is, it is judged, never an error of the app.

const validate = validateRequest({
  resourceManager: {} as ResourceManager,
  preflightMode: "off",
  keys: new Map(),
  allowed: everyTarget,
  now: () => new Date(),
});
const judged = (data: unknown, type: string | null = requestType) =>
  validate(
    {
      instanceId: "vpn-1",
      type,
      data: textOf(data),
      ticket: null,
      policy: { raisedWarnings: [] },
      attempt: 1,
    } as unknown as Parameters<ReturnType<typeof validateRequest>>[0],
    () => {},
    undefined as never,
  );

type Properties = Record<string, unknown>;
const requestWith = (change: (properties: Properties, link: Properties) => void) => {
  const { data } = sampleEvent();
  const { ticket: _, ...request } = data;
  const { properties } = request.connection;
  change(properties, properties.vpnLinkConnections[0]?.properties ?? {});
  return request;
};
/** Stands for deep nesting, which JSON.stringify could not write. */
const nested = "5,000 levels";
const textOf = (data: unknown) => JSON.stringify(data)?.replace(`"${nested}"`, `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`);
const manyFields = Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`f${index}`, index]));

const shapes: readonly (readonly [name: string, data: unknown])[] = [
  ["16,000 policies on a link", requestWith((_, link) => Object.assign(link, { ipsecPolicies: Array(16_000).fill({}) }))],
  ["300,000 policies", requestWith((properties) => Object.assign(properties, { ipsecPolicies: Array(300_000).fill({ a: 1 }) }))],
  ["300,000 links", requestWith((properties) => Object.assign(properties, { vpnLinkConnections: Array(300_000).fill({}) }))],
  ["300,000 unknown items", { unknown: Array(300_000).fill([{}]) }],
  ["200,000 unknown fields", manyFields],
  ["200,000 unknown fields of the connection", requestWith((properties) => Object.assign(properties, manyFields))],
  ["5,000 levels of an unknown field", requestWith((properties) => Object.assign(properties, { unknown: nested }))],
  ["5,000 levels of a known field", requestWith((properties) => Object.assign(properties, { ipsecPolicies: nested }))],
  ["5,000 levels of a key", requestWith((_, link) => Object.assign(link, { sharedKey: nested }))],
  ["a text of a megabyte", requestWith((properties) => Object.assign(properties, { remoteVpnSite: { id: "/".repeat(1_000_000) } }))],
  ["no object", Array(300_000).fill(1)],
  ["nothing", undefined],
];
for (const [name, data] of shapes)
  test(`${name} are an invalid request, told in a few sentences`, async () => {
    const settled = await judged(data);
    assert.ok("problem" in settled);
    assert.equal(settled.problem.code, "InvalidRequest");
    assert.ok(settled.problem.details.length > 0 && settled.problem.details.length <= 201);
    assert.ok(JSON.stringify(settled.problem).length < 200_000);
  });

for (const [type, prefix] of [
  [requestType, "/data"],
  [null, ""],
] as const)
  test(`places are relative to the whole document, that of ${type ?? "a bare body"}`, async () => {
    const settled = await judged(
      requestWith((_, link) => Object.assign(link, { routingWeight: -1 })),
      type,
    );
    assert.ok("problem" in settled);
    const [finding] = settled.problem.details.filter(({ severity }) => severity === "error");
    assert.equal(finding?.target, `${prefix}/connection/properties/vpnLinkConnections/0/properties/routingWeight`);
    assert.match(
      settled.problem.message,
      /^The request has 2 errors; the first: Link 'Connection-Link1': routingWeight must be 0 or more\. Found -1\.$/,
    );
  });

test("a list that was cut is told as such", async () => {
  const settled = await judged(manyFields);
  assert.ok("problem" in settled);
  assert.match(settled.problem.message, /^The request has at least 200 errors; the first: /);
});

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
for (const isTraced of [true, false]) {
  test(`later steps get the trace context of a request only if spans are recorded: ${isTraced}`, async () => {
    const { data } = sampleEvent();
    const { ticket: _, ...valid } = data;
    Reflect.deleteProperty(valid.connection.properties.vpnLinkConnections[0]?.properties ?? {}, "sharedKey");
    const request = { instanceId: "vpn-1", requestId: "r", requestSource: "/s", type: requestType, data: JSON.stringify(valid) };
    const more = { ticket: null, policy: { raisedWarnings: [] }, traceparent, attempt: 1 };
    const settings = { resourceManager: {} as ResourceManager, keys: new Map(), allowed: everyTarget, now: () => new Date() };
    const settled = await validateRequest({ ...settings, preflightMode: "off", isTraced })(
      { ...request, ...more } as unknown as Parameters<ReturnType<typeof validateRequest>>[0],
      () => {},
      undefined as never,
    );
    assert.ok("ok" in settled, JSON.stringify(settled));
    assert.equal(settled.ok.connection.traceparent, isTraced ? traceparent : undefined);
  });
}
