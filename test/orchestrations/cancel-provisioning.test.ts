import assert from "node:assert/strict";
import { test } from "node:test";
import { validateCancel } from "../../functions/activities/validate-cancel.ts";
import { cancelProvisioning } from "../../orchestrations/cancel-provisioning.ts";
import { provisionVpnConnection } from "../../orchestrations/provision-vpn-connection.ts";
import type { Completion } from "../../shared/contract/completion.ts";
import { type Claim, claimOperations, noClaim } from "../../shared/durable/claim.ts";
import { policySchema } from "../../shared/policy.ts";
import { drive, emptyWorld, type Play, type Step, type World } from "./driven.ts";
import { driveTogether } from "./driven-together.ts";
import { beginning } from "./replayed.ts";
import { cancellationOf, requestNamed } from "./requests.ts";

const target = requestNamed("wanted").instanceId;
const cancellation = cancellationOf("cancel", "wanted");
const { open, claim, sent } = claimOperations;
const opened = open(noClaim, { fingerprints: ["k1.wanted"] });
const answered = (state: Claim, outcome: string) =>
  sent(claim(state, { completion: { event: { data: { outcome } } } as unknown as Completion }));

/** Every instance lives, unless a test says otherwise. */
const plays =
  (alive = true, looks: unknown[] = []): Play =>
  (name, input) => {
    if (name === "validateCancel") return validateCancel(input, () => {}, undefined as never);
    const look = name === "inspectInstance" ? looks.shift() : undefined;
    if (look instanceof Error) return look;
    return { ok: name === "inspectInstance" ? { alive } : true };
  };

/** Drives the cancellation; `later` changes the claim of the request it names as time goes by. */
function cancelled(
  first: Claim | undefined,
  later: (seconds: number, claim: Claim) => Claim = (_, same) => same,
  input = cancellation,
  play = plays(),
) {
  const world = emptyWorld();
  if (first) world.claims.set(target, first);
  const when: World["raises"][number]["when"] = (time, { claims }) => {
    claims.set(target, later((time - beginning) / 1000, claims.get(target) ?? noClaim));
    return false;
  };
  world.raises.push({ event: "cancelRequested", when });
  return drive(input, play, { world, orchestrator: cancelProvisioning });
}
const end = ({ completion }: { completion: Completion }) => {
  const { outcome, change, problem } = completion.event.data;
  return [outcome, change, problem?.code];
};
const looks = (steps: readonly Step[]) => steps.filter((step) => step.does === "ask" && step.operation === "cancel").length;
const raised = (steps: readonly Step[]) =>
  steps.flatMap((step) => (step.does === "call" && step.name === "inspectInstance" ? [step.input] : []));

test("a request that does not come within five minutes is unknown, and what was left for it is withdrawn", async () => {
  const driven = await cancelled(undefined);
  assert.deepEqual(end(driven), ["Rejected", null, "RequestUnknown"]);
  assert.match(String(driven.completion.event.data.problem?.message), /"wanted" from "\/test"/);
  assert.ok(Math.abs(driven.answeredAt - beginning - 300_000) < 31_000, `${(driven.answeredAt - beginning) / 1000} s`);
  assert.deepEqual(driven.world.claims.get(target), noClaim, "should it come later, it is carried out");
  assert.deepEqual(raised(driven.steps), []);
});

test("a request that has its answer already is left alone", async () => {
  const driven = await cancelled(answered(opened, "Succeeded"));
  assert.deepEqual(end(driven), ["Rejected", null, "RequestFinished"]);
  assert.match(String(driven.completion.event.data.problem?.message), /Succeeded/);
  assert.equal(driven.time - driven.answeredAt < 1000 && driven.answeredAt - beginning < 1000, true, "it is told at once");
  assert.deepEqual([looks(driven.steps), raised(driven.steps)], [1, []]);
});

test("a request that another cancellation has stopped is stopped", async () => {
  assert.deepEqual(end(await cancelled(answered(claimOperations.cancel(opened), "Cancelled"))), ["Succeeded", null, undefined]);
});

test("a store that cannot pass a cancellation on does not end it: it is told at the next look", async () => {
  const play = plays(true, [new Error("the store is away"), new Error("the store is away")]);
  const driven = await cancelled(opened, (seconds, state) => (seconds > 20 ? answered(state, "Cancelled") : state), cancellation, play);
  assert.deepEqual(end(driven), ["Succeeded", null, undefined]);
  assert.ok(raised(driven.steps).length > 2);
});

test("a running request is told again and again, less often each time, until it has its answer", async () => {
  const driven = await cancelled(opened, (seconds, state) => (seconds > 200 ? answered(state, "Cancelled") : state));
  assert.deepEqual(end(driven), ["Succeeded", null, undefined]);
  const waits = driven.steps.flatMap((step) => (step.does === "wait" ? [step.seconds] : []));
  assert.deepEqual(waits.slice(0, 7), [1, 2, 4, 8, 16, 30, 30]);
  const told = raised(driven.steps);
  assert.equal(told.length, looks(driven.steps) - 1, "the last look found the answer");
  assert.deepEqual(new Set(told.map((input) => JSON.stringify(input))).size, 1);
  assert.deepEqual(told[0], { instanceId: target, event: "cancelRequested" });
});

test("a request that ends in another way all the same is finished", async () => {
  const driven = await cancelled(opened, (seconds, state) => (seconds > 20 ? answered(state, "Failed") : state));
  assert.deepEqual(end(driven), ["Rejected", null, "RequestFinished"]);
});

test("a cancellation that overtook its request waits for it", async () => {
  const driven = await cancelled(undefined, (seconds, state) => {
    const begun = seconds > 250 ? open(state, { fingerprints: ["k1.wanted"] }) : state;
    return seconds > 290 ? answered(begun, "Cancelled") : begun;
  });
  assert.deepEqual(end(driven), ["Succeeded", null, undefined]);
});

test("a request that comes in the moment in which the wait for it ends is cancelled all the same", async () => {
  const driven = await cancelled(undefined, (seconds, state) => {
    const begun = seconds >= 300 ? open(state, { fingerprints: ["k1.wanted"] }) : state;
    return seconds > 400 ? answered(begun, "Cancelled") : begun;
  });
  assert.deepEqual(end(driven), ["Succeeded", null, undefined]);
});

test("a cancellation before its request, driven together: the request is answered Cancelled without a call to Azure, and so both are told", () => {
  const wanted = requestNamed("wanted");
  const driven = driveTogether([
    { orchestrator: cancelProvisioning, input: cancellation },
    { orchestrator: provisionVpnConnection, input: wanted },
  ]);
  const outcomes = [cancellation, wanted].map(({ instanceId }) => driven.claims.get(instanceId)?.completion?.event.data.outcome);
  assert.deepEqual([outcomes, driven.operations], [["Succeeded", "Cancelled"], []]);
});

test("a request that never ends is given up within the limit for waiting", async () => {
  const input = { ...cancellation, policy: policySchema.parse({ queueDeadlineMinutes: 10 }) };
  const driven = await cancelled(opened, undefined, input);
  assert.deepEqual(end(driven), ["Failed", null, "ServiceUnavailable"]);
  assert.ok(Math.abs(driven.answeredAt - beginning - 600_000) < 1_000);
});

test("a cancellation can be cancelled", async () => {
  const world = emptyWorld();
  world.claims.set(target, opened);
  world.raises.push({ event: "cancelRequested", when: (time) => time > beginning + 20_000 });
  const driven = await drive(cancellation, plays(), { world, orchestrator: cancelProvisioning });
  assert.deepEqual(end(driven), ["Cancelled", null, "RequestCancelled"]);
  assert.equal(driven.world.claims.get(target)?.completion, null);
});

test("whoever sends the same cancellation again gets the same answer, and nothing is asked of the request", async () => {
  const { world, completion } = await cancelled(answered(opened, "Succeeded"));
  const again = await drive(cancellation, plays(), { world, orchestrator: cancelProvisioning });
  assert.deepEqual(again.completion, completion);
  assert.equal(looks(again.steps), 0);
});

const malformed: readonly (readonly [data: unknown, places: readonly string[]])[] = [
  [{}, ["/data/requestId", "/data/requestSource"]],
  [{ requestId: "wanted" }, ["/data/requestSource"]],
  [{ requestId: 7, requestSource: "" }, ["/data/requestId", "/data/requestSource"]],
  [{ requestId: "wanted", requestSource: "/test", reason: "changed my mind" }, ["/data/reason"]],
  [null, ["/data"]],
];
for (const [data, places] of malformed) {
  test(`${JSON.stringify(data)} is refused with the places of all that is wrong, and no claim is touched`, async () => {
    const driven = await cancelled(undefined, (_, state) => state, { ...cancellation, data: JSON.stringify(data) });
    assert.deepEqual(end(driven), ["Rejected", null, "InvalidRequest"]);
    assert.deepEqual(driven.completion.event.data.problem?.details.map((finding) => finding.target).sort(), places);
    assert.deepEqual(
      [...driven.world.claims.keys()].filter((key) => key !== target),
      [cancellation.instanceId],
    );
    assert.equal(looks(driven.steps), 0);
  });
}
