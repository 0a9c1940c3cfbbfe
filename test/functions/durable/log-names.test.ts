import assert from "node:assert/strict";
import { test } from "node:test";
import type { InvocationContext } from "@azure/functions";
import { hideSecrets } from "../../../functions/activities/hide-secrets.ts";
import { namesInCompletion, namesInInput, namesInMessage } from "../../../functions/durable/log-names.ts";
import { logPlace } from "../../../functions/durable/log-place.ts";
import { composeCompletion } from "../../../shared/contract/compose.ts";
import { type Problem, problem } from "../../../shared/contract/problem.ts";
import { interruption, rejectionOf } from "../../../shared/contract/rejection.ts";
import { ticketIdOf } from "../../../shared/contract/request-names.ts";
import { freeGateway, type GatewayView, gatewayOperations, gatewayResultOf } from "../../../shared/durable/gateway.ts";

// What every line of the log says about its request.

const target = { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "gateway1", connectionName: "branch-1" };
const ticket = JSON.stringify({ system: "servicenow", id: "RITM7" });
const names = { requestId: "7", connection: "gateway1/branch-1", ticketId: "RITM7" };

const tickets: readonly (readonly [ticket: string | null, id: string | null])[] = [
  [null, null],
  [ticket, "RITM7"],
  ['{"id":42}', "42"],
  ['{"id":4.2}', null],
  ['{"id":12345678901234567890}', null],
  ['{"id":""}', null],
  ['{"id":{"id":"x"}}', null],
  ['{"id":"two\\nlines"}', null],
  ['{"id":"\\u001b[31m"}', null],
  [JSON.stringify({ id: "x".repeat(128) }), "x".repeat(128)],
  [JSON.stringify({ id: "x".repeat(129) }), null],
  ['"RITM7"', null],
  ["null", null],
  ['["RITM7"]', null],
];
for (const [given, id] of tickets) test(`the id of the ticket ${given?.slice(0, 40)}`, () => assert.equal(ticketIdOf(given), id));

test("the input of an activity, a message and a completion give the same names", () => {
  const request = { instanceId: "vpn-1", requestId: "7", ticket, data: JSON.stringify({ target }) };
  assert.deepEqual(namesInInput(request), { instanceId: "vpn-1", ...names });
  assert.deepEqual(namesInInput({ instanceId: "vpn-1", requestId: "7", ticketId: "RITM7", target, sealed: {} }), {
    instanceId: "vpn-1",
    ...names,
  });
  const message = { id: "7", source: "/s", type: null, traceparent: null, data: { target }, ticket };
  assert.deepEqual(namesInMessage(message), { ...names, requestSource: "/s" });
  const asked = {
    requestId: "7",
    requestSource: "/s",
    traceparent: null,
    ticket,
    receivedAt: "2026-01-01T00:00:00Z",
    replySessionId: null,
  };
  const rejected = rejectionOf("vpn-1.completed", asked, interruption(null), new Date(0));
  assert.deepEqual(namesInCompletion(rejected), { ...names, connection: null });
  const { data } = rejected.event;
  const completion = composeCompletion({ id: "vpn-1.completed", target, traceparent: null, ticket, replySessionId: null, data });
  assert.deepEqual(namesInInput(completion), names);
});

test("what names no connection that can be is not logged as one", () => {
  for (const data of [undefined, null, 7, {}, { target: 7 }, { target: { ...target, connectionName: "x\n2026 s  published" } }])
    assert.equal(namesInMessage({ id: "7", source: "/s", type: null, traceparent: null, data, ticket: null }).connection, null);
  for (const input of [undefined, null, "text", 7, { instances: [] }, { instanceId: "vpn-2", event: null }])
    assert.deepEqual(namesInInput(input), {});
});

const arm = (code: string) => ({ status: 409, code, message: "https://management.azure.com/op?sig=secret", details: [] });
const because = (code: Parameters<typeof problem>[0], more: Partial<Problem> = {}) => problem(code, "a long text", more);
const error = { code: "X", severity: "error", message: "m", target: "/", actor: "requester" } as const;
const ends: readonly (readonly [answered: object, line: object | undefined])[] = [
  [{ ok: true }, undefined],
  [
    { problem: because("OperationFailed", { arm: arm("VpnSiteInUse") }) },
    { step: "failed", problem: "OperationFailed", armCode: "VpnSiteInUse" },
  ],
  [{ problem: because("ResourceVanished") }, { step: "failed", problem: "ResourceVanished" }],
  [{ problem: because("SecretUnusable") }, { step: "rejected", problem: "SecretUnusable" }],
  [{ problem: because("InvalidRequest", { details: [error, error] }) }, { step: "rejected", problem: "InvalidRequest", errors: 2 }],
  [
    { later: { class: "busy", afterSeconds: 30, problem: because("GatewayBusy", { arm: arm("x".repeat(999)) }) } },
    { step: "retrying", problem: "GatewayBusy", armCode: "x".repeat(128), class: "busy", status: 409, afterSeconds: 30 },
  ],
  [
    { later: { class: "transient", problem: because("ServiceUnavailable") } },
    { step: "retrying", problem: "ServiceUnavailable", class: "transient" },
  ],
  [{ later: { class: "broker", problem: because("ServiceUnavailable") } }, undefined],
];
for (const [answered, line] of ends) {
  test(`an activity that ends with ${JSON.stringify(answered).slice(0, 60)}`, async () => {
    const lines: string[] = [];
    const context = { functionName: "putConnection", info: (text: string) => lines.push(text) } as unknown as InvocationContext;
    const input = { instanceId: "vpn-1", requestId: "7", ticketId: "RITM7", target, sealed: {} };
    await hideSecrets(async () => answered as never, new Map())(input, context);
    const about = { instanceId: "vpn-1", ...names, activity: "putConnection" };
    assert.deepEqual(
      lines.map((text) => JSON.parse(text)),
      line ? [{ ...about, ...line }] : [],
    );
  });
}

test("the place in the queue is told at each look, with the holder, and nothing else of the lease", () => {
  const lines: object[] = [];
  const log = (step: string, fields: object) => void lines.push({ step, ...fields });
  const join = (instanceId: string, connectionName: string, gateway = freeGateway) => {
    const waiter = {
      instanceId,
      queue: "q",
      enqueuedAt: `2026-01-01T00:00:0${instanceId.slice(-1)}Z`,
      sequenceNumber: "1",
      connectionName,
      look: 1,
    };
    const after = gatewayOperations.acquire(gateway, { waiter });
    const input = { waiter, names: { ...names, connection: `gateway1/${connectionName}` } };
    const view = gatewayResultOf(after, input, gateway) as GatewayView;
    logPlace(view, input, "acquire", log);
    logPlace(view, input, "release", log);
    return after;
  };
  join("vpn-2", "branch-1", join("vpn-1", "hq"));
  assert.deepEqual(lines, [
    { step: "leaseGranted", instanceId: "vpn-1", ...names, connection: "gateway1/hq" },
    { step: "waiting", instanceId: "vpn-2", ...names, position: 1, holder: "gateway1/hq", holderInstanceId: "vpn-1" },
  ]);
});
