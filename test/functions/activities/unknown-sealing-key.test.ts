import assert from "node:assert/strict";
import { test } from "node:test";
import type { InvocationContext } from "@azure/functions";
import type { KeyVault } from "../../../azure/key-vault.ts";
import type { ResourceManager } from "../../../azure/resource-manager.ts";
import type { Activity } from "../../../functions/activities/activity.ts";
import { hideSecrets } from "../../../functions/activities/hide-secrets.ts";
import { planConnection } from "../../../functions/activities/plan-connection.ts";
import { pollOperation } from "../../../functions/activities/poll-operation.ts";
import { putConnection } from "../../../functions/activities/put-connection.ts";
import { readConnectionState } from "../../../functions/activities/read-connection-state.ts";
import { validateRequest } from "../../../functions/activities/validate-request.ts";
import { verifyConnection } from "../../../functions/activities/verify-connection.ts";
import type { VpnConnection } from "../../../shared/contract/connection.ts";
import { noKeys } from "../../../shared/durable/connection-keys.ts";
import { policySchema } from "../../../shared/policy.ts";
import type { KeyRing } from "../../../shared/secrets/key-ring.ts";
import { collectSealed, sealSecrets } from "../../../shared/secrets/sealing.ts";
import { everyTarget } from "../../support/allowed.ts";
import { noNotes } from "../../support/notes.ts";
import { sampleEvent } from "../../support/sample.ts";

// A request was sealed by an instance of the app that has a newer sealing key than this one.

const instanceId = "vpn-6fec4dfa1dcd8d54cacabf83fa04c7a71aa91596";
const k1 = Buffer.alloc(32, 1);
const newer: KeyRing = new Map([
  ["k2", Buffer.alloc(32, 2)],
  ["k1", k1],
]);
const rings: Readonly<Record<string, KeyRing>> = {
  "a ring without the sealing key": new Map([["k1", k1]]),
  "a ring with another sealing key under its name": new Map([["k2", k1]]),
};

const { target, connection } = sampleEvent().data;
const data = sealSecrets({ target, connection }, instanceId, newer) as { connection: VpnConnection };
const common = { instanceId, requestId: "r", ticketId: null, target, attempt: 1, operationUrl: "https://arm.example/operations/1" };
const inputs = {
  ofSteps: { ...common, sealed: collectSealed(data.connection, ["connection"]) },
  ofPut: {
    ...common,
    sealed: collectSealed(data.connection, ["connection"]),
    requestSource: "/tests",
    requestType: null,
    desired: data.connection,
    remembered: noKeys,
  },
  ofValidation: {
    ...common,
    requestSource: "/tests",
    type: null,
    data: JSON.stringify(data),
    ticket: null,
    fingerprints: [],
    policy: policySchema.parse({}),
  },
};

const untouched = new Proxy({}, { get: (_, name) => () => assert.fail(`${String(name)} was called`) });
const resourceManager = untouched as ResourceManager;
const keyVault = untouched as KeyVault;
const isAlive = async () => true;

type Case = readonly [name: string, activity: (keys: KeyRing) => Activity<never, unknown>, input: object];
const cases: readonly Case[] = [
  [
    "validateRequest",
    (keys) => validateRequest({ resourceManager, preflightMode: "enforce", allowed: everyTarget, keys, now: () => new Date() }),
    inputs.ofValidation,
  ],
  ["planConnection", (keys) => planConnection({ resourceManager, keyVault, keys }), inputs.ofPut],
  ["putConnection", (keys) => putConnection({ resourceManager, keyVault, keys, isAlive, notes: noNotes }), inputs.ofPut],
  ["pollOperation", (keys) => pollOperation({ resourceManager, keys }), inputs.ofSteps],
  ["verifyConnection", (keys) => verifyConnection({ resourceManager, keys }), inputs.ofSteps],
  ["readConnectionState", (keys) => readConnectionState({ resourceManager, keys }), inputs.ofSteps],
];

for (const [ring, keys] of Object.entries(rings)) {
  for (const [name, activity, input] of cases) {
    test(`${name}, with ${ring}: tried again later, and nothing is called`, async () => {
      const lines: { step: string }[] = [];
      const context = { functionName: name, info: (line: string) => lines.push(JSON.parse(line)) } as unknown as InvocationContext;
      const settled = await hideSecrets(activity(keys), keys)(input, context);
      assert.ok("later" in settled, JSON.stringify(settled));
      assert.equal(settled.later.class, "sealing");
      assert.match(settled.later.problem.message, /"k2"/);
      assert.equal(settled.later.problem.actor, "operator");
      assert.deepEqual(settled.attempts ?? [], []);
      const [line] = lines;
      assert.deepEqual(line && { ...line, requestId: null, connection: null, ticketId: null }, {
        step: "sealingKeyUnknown",
        activity: name,
        keyId: "k2",
        instanceId,
        requestId: null,
        connection: null,
        ticketId: null,
      });
    });
  }
}
