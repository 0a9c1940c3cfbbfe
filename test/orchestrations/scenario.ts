import assert from "node:assert/strict";
import { createManualClock } from "../../local/clock.ts";
import { isSameConnection } from "../../shared/arm/comparison.ts";
import { connectionStateOf } from "../../shared/arm/connection-state.ts";
import type { ArmResponse } from "../../shared/arm/response.ts";
import type { Completion } from "../../shared/contract/completion.ts";
import type { Target } from "../../shared/resource-id.ts";
import { sampleEvent } from "../support/sample.ts";
import { type Call, type CallKind, createSimulatedAzure } from "../support/simulated-azure.ts";
import { beginning, drive } from "./driven.ts";
import { brokerErrors, type FaultName, happen } from "./faults.ts";
import { sealedRequest, wholeApp } from "./whole.ts";

// One provisioning of the sample in which things go wrong, and what holds however they do.

const DAY_MS = 86_400_000;

/**
 * One run: what is there before, how Azure ends the operation, and what goes wrong with which call.
 */
export interface Scenario {
  readonly before?: "nothing" | "another" | "equal" | "failed";
  readonly operation?: { readonly end: "Succeeded" | "Failed" | "Canceled"; readonly seconds: number; readonly lagSeconds: number };
  /** How long somebody else's operation is in the way of the first PUT, in seconds. */
  readonly busySeconds?: number;
  readonly retryAfterSeconds?: number | null;
  /** The fault of the nth call of a kind, counted from 1. */
  readonly faultOf: (kind: CallKind, nth: number) => FaultName | undefined;
  /** The error of the nth try to publish, and whether the broker took the event anyway. */
  readonly brokerFault?: (nth: number, time: number) => keyof typeof brokerErrors | undefined;
}

const isConnection = (url: string) => url.includes("/vpnConnections/");
const target = sampleEvent().data.target as Target;
const body = sampleEvent().data.connection;

/** Carries the sample out in a scenario. */
export async function run({
  before = "nothing",
  operation,
  busySeconds = 0,
  retryAfterSeconds = 10,
  faultOf,
  brokerFault = () => undefined,
}: Scenario) {
  const clock = createManualClock(beginning - DAY_MS);
  const counted = new Map<CallKind, number>();
  const interfere = (call: Call, carry: () => ArmResponse): ArmResponse => {
    const kind = call.kind === "poll" && isConnection(call.url) ? "verify" : call.kind;
    const nth = (counted.get(call.kind) ?? 0) + 1;
    counted.set(call.kind, nth);
    // A connection that is polled in place of its operation is another call: the faults of polls
    // are for the operation's URL.
    const fault = kind === call.kind ? faultOf(call.kind, nth) : undefined;
    return fault ? happen(fault, call, carry, clock) : carry();
  };
  const azure = createSimulatedAzure({ clock, retryAfterSeconds, interfere });
  if (before === "failed") azure.script.add({ connection: "*", on: "put", operation: { end: "Failed" } });
  if (before !== "nothing")
    azure.seed(target, before === "another" ? { properties: { ...body.properties, enableInternetSecurity: true } } : body);
  if (busySeconds > 0) azure.script.add({ connection: "*", on: "put", busySeconds });
  if (operation) azure.script.add({ connection: "*", on: "put", times: "always", operation });
  clock.advanceTo(beginning);

  const published: { readonly id: string; readonly content: string }[] = [];
  let tries = 0;
  let workingAtAnswer = false;
  const publish = (completion: Completion) => {
    if (tries === 0) workingAtAnswer = isWorking(azure.connection(target));
    const fault = brokerFault(++tries, clock.now());
    if (fault === undefined || fault === "reset after send")
      published.push({ id: completion.event.id, content: JSON.stringify(completion) });
    if (fault) throw brokerErrors[fault];
  };
  const request = sealedRequest();
  const driven = await drive(request, wholeApp({ azure, publish }), { clock, mostSteps: 5_000, proven: 0 });
  return { ...driven, before, request, azure, published, workingAtAnswer, puts: azure.effectivePuts().length };
}
const isWorking = (connection: unknown) => connection !== undefined && connectionStateOf(connection) === "InProgress";

/** What holds whatever happened. */
export function assertSound(ran: Awaited<ReturnType<typeof run>>): void {
  const { completion, world, request, azure, published, before, workingAtAnswer, puts, answeredAt, steps } = ran;
  const { data, id } = completion.event;
  assert.ok(puts <= 1, `${puts} effective PUTs`);
  assert.ok(published.length > 0, "the event was taken");
  assert.deepEqual(new Set(published.map(({ id: each }) => each)), new Set([id]), "one event id");
  assert.equal(new Set(published.map(({ content }) => content)).size, 1, "one content");
  assert.ok(world.claims.get(request.instanceId)?.sent);

  const actual = azure.connection(target);
  if (data.outcome === "Succeeded") {
    assert.equal(connectionStateOf(actual), "Succeeded", "Azure has it");
    assert.ok(isSameConnection(body, actual), "as it was asked for");
    assert.deepEqual([data.armState, puts], ["Succeeded", 1]);
    assert.equal(data.change, before === "nothing" ? "Created" : "Updated");
  }
  if (workingAtAnswer) assert.match(String(data.problem?.message), /Azure may still be working/, "honest about what may still happen");
  assert.equal(world.gateway.holder, null, "the gateway is free again");
  if (isWorking(actual)) assert.deepEqual(world.gateway.unsettled, [target.connectionName], "whoever is next knows what has not settled");

  // No call comes before the wait that the answer before it asked for is over, and none comes twice
  // in a second but the reads that begin together.
  const calls = azure.calls.filter(({ kind }) => kind !== "check");
  for (const [index, { at, kind, retryAfterSeconds }] of calls.entries()) {
    const next = calls[index + 1];
    if (!next) break;
    if (retryAfterSeconds !== null)
      assert.ok(next.at >= at + retryAfterSeconds * 1000, `${next.kind} ${(next.at - at) / 1000} s after ${kind}`);
    if (next.kind === kind) assert.ok(next.at >= at + 1000, `${kind} again after ${next.at - at} ms`);
  }
  assert.ok(calls.length <= 400 && steps.length < 5_000, `${calls.length} calls`);
  assert.ok(answeredAt - beginning < 2 * DAY_MS);
}
