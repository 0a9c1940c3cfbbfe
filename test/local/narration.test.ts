import assert from "node:assert/strict";
import { test } from "node:test";
import { messageIn, stepIn, told } from "../../local/narration.ts";

const logged = (message: unknown) => JSON.stringify({ level: "information", message });

test("a step is found in a line of the log, and nothing in any other line", () => {
  assert.deepEqual(stepIn(logged('{"step":"polled","armState":"Updating"}')), { step: "polled", armState: "Updating" });
  for (const line of ["", "no JSON", "null", "[]", logged("text"), logged(7), logged('{"step":'), logged('{"other":1}')])
    assert.equal(stepIn(line), undefined, line);
});

test("a line that is no step is shown as its level and message, never as JSON", () => {
  const host = '{"time":"2026-01-02T03:04:05Z","level":"warning","message":"Service Bus cannot be reached"}';
  assert.equal(messageIn(host), "warning: Service Bus cannot be reached");
  assert.equal(messageIn('{"step":"started","message":"ALLOWED_TARGETS is not set."}'), "ALLOWED_TARGETS is not set.");
  for (const line of ["a text", "null", "[]", '{"other":1}']) assert.equal(messageIn(line), line);
});

const at = new Date(2026, 0, 2, 3, 4, 5);
const telling = { at, elapsedMs: 1_500 };
type Colour = "green" | "red" | "yellow";
const codes: Record<Colour, string> = { green: "\u001b[32m", red: "\u001b[31m", yellow: "\u001b[33m" };
const connection = "gateway1/branch-1";
const rows: readonly (readonly [step: Record<string, unknown> & { step: string }, text: string, colour: Colour])[] = [
  [{ step: "received", requestId: "1", requestSource: "/s" }, "request 1 from /s", "green"],
  [{ step: "received", requestId: "1", requestSource: "/s", ticketId: "RITM7" }, "request 1 from /s, ticket RITM7", "green"],
  [{ step: "repeated", published: true }, "known request: its answer is sent again", "green"],
  [{ step: "repeated", published: false }, "known request: it is being carried out", "green"],
  [{ step: "conflict" }, "this source and id belong to a request with another content", "red"],
  [{ step: "validated", warnings: 0 }, "no findings", "green"],
  [{ step: "validated", warnings: 1 }, "1 warning", "green"],
  [{ step: "validated", warnings: 7 }, "7 warnings", "green"],
  [{ step: "rejected", problem: "InvalidRequest", errors: 1 }, "InvalidRequest, 1 error", "red"],
  [{ step: "rejected", problem: "InvalidRequest", errors: 2 }, "InvalidRequest, 2 errors", "red"],
  [{ step: "rejected", problem: "SourceNotAllowed" }, "SourceNotAllowed", "red"],
  [{ step: "waiting", position: 2, holder: "gateway1/hq" }, "place 2 in the queue of the gateway; gateway1/hq is being changed", "yellow"],
  [{ step: "leaseGranted" }, "the gateway is free for this request", "green"],
  [{ step: "planned", change: "Updated", differences: 1 }, "Updated, 1 difference", "green"],
  [{ step: "planned", change: "Created" }, "Created", "green"],
  [{ step: "submitted", status: 201, retryAfterSeconds: 10 }, "PUT answered 201, told to wait 10 s", "green"],
  [{ step: "polled", armState: "Updating", retryAfterSeconds: null }, "Updating", "green"],
  [{ step: "blocked", retryAfterSeconds: 30 }, "Azure is busy with another operation on this gateway, told to wait 30 s", "yellow"],
  [{ step: "polled", armState: "Updating", ofAnother: true, done: false }, "the other operation on this gateway: Updating", "green"],
  [{ step: "polled", armState: "Unknown", ofAnother: true, done: true }, "the other operation on this gateway has ended", "green"],
  [{ step: "failed", problem: "OperationFailed", armCode: "VpnSiteInUse" }, "Azure reports the operation as Failed (VpnSiteInUse)", "red"],
  [{ step: "failed", problem: "OperationCanceled" }, "Azure reports the operation as Canceled (no code)", "red"],
  [{ step: "failed", problem: "ArmRefused", armCode: "Forbidden" }, "ArmRefused (Forbidden)", "red"],
  [{ step: "failed", problem: "ResourceVanished" }, "ResourceVanished", "red"],
  [
    { step: "retrying", activity: "putConnection", problem: "GatewayBusy", armCode: "AnotherOperationInProgress", afterSeconds: 30 },
    "putConnection will be tried again: GatewayBusy (AnotherOperationInProgress), told to wait 30 s",
    "yellow",
  ],
  [
    { step: "retrying", activity: "pollOperation", problem: "ServiceUnavailable" },
    "pollOperation will be tried again: ServiceUnavailable",
    "yellow",
  ],
  [{ step: "spansDropped", dropped: 7, error: "ETIMEDOUT" }, "7 spans of traces were lost (ETIMEDOUT)", "yellow"],
  [{ step: "unpublished", error: "MessagingError" }, "Service Bus did not take the event (MessagingError); it will be sent again", "red"],
  [{ step: "published", outcome: "Failed", change: null, problem: "InternalError" }, "Failed, InternalError", "red"],
  [{ step: "published", outcome: "Succeeded", change: "Created" }, "Succeeded, Created", "green"],
  [{ step: "interrupted", runtimeStatus: "Terminated" }, "the instance was ended from outside (Terminated)", "red"],
  [{ step: "somethingNew", error: "TypeError" }, "TypeError", "green"],
  [{ step: "constructor" }, "", "green"],
];
for (const [step, text, colour] of rows) {
  test(`${step.step}: ${text || "nothing more"}, ${colour} where colours are wanted`, () => {
    const line = `03:04:05    1.50 s  ${step.step.padEnd(12)}  gateway1/branch-1        ${text}`.trimEnd();
    assert.equal(told({ ...step, connection }, { ...telling, colours: false }), line);
    const coloured = told({ ...step, connection }, { ...telling, colours: true });
    assert.ok(coloured.includes(`${codes[colour]}${step.step}`), coloured);
  });
}

test("a step without a connection names its request, or its instance", () => {
  const plain = { ...telling, colours: false };
  assert.match(told({ step: "verified", connection: null, requestId: "7", instanceId: "vpn-1" }, plain), / verified {6}7 /);
  assert.match(told({ step: "stuck", instanceId: "vpn-1" }, plain), / stuck {9}vpn-1$/);
});
