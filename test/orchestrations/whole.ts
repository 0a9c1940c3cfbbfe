import { randomBytes } from "node:crypto";
import type { KeyVault } from "../../azure/key-vault.ts";
import type { Activity } from "../../functions/activities/activity.ts";
import { hideSecrets } from "../../functions/activities/hide-secrets.ts";
import { planConnection } from "../../functions/activities/plan-connection.ts";
import { pollOperation } from "../../functions/activities/poll-operation.ts";
import type { PreflightMode } from "../../functions/activities/preflight.ts";
import { publishCompletion } from "../../functions/activities/publish-completion.ts";
import { putConnection } from "../../functions/activities/put-connection.ts";
import { readConnectionState } from "../../functions/activities/read-connection-state.ts";
import { validateRequest } from "../../functions/activities/validate-request.ts";
import { verifyConnection } from "../../functions/activities/verify-connection.ts";
import type { Completion } from "../../shared/contract/completion.ts";
import { instanceIdOf } from "../../shared/durable/instance-id.ts";
import type { ProvisioningRequest } from "../../shared/durable/request.ts";
import { policySchema } from "../../shared/policy.ts";
import { sealSecrets } from "../../shared/secrets/sealing.ts";
import { everyTarget } from "../support/allowed.ts";
import { noNotes } from "../support/notes.ts";
import { sampleEvent } from "../support/sample.ts";
import type { createSimulatedAzure } from "../support/simulated-azure.ts";
import type { Play } from "./driven.ts";

// The real orchestration with the real activities, on a simulated Azure: what a test plays is only
// the network and the broker.

const keys = new Map([["k1", randomBytes(32)]]);
const noVault: KeyVault = { readSecret: async () => Promise.reject(new Error("no vault is asked")) };
/** Activities that talk to Azure only do not look at their invocation, but for the log. */
const invocation = { info: () => {} } as never;

/** The sample as an instance's input, its key sealed. */
export function sealedRequest(change: Parameters<typeof sampleEvent>[0] = () => {}, policy: object = {}): ProvisioningRequest {
  const event = sampleEvent(change);
  const { ticket, ...data } = event.data;
  const instanceId = instanceIdOf(event.source, event.id);
  return {
    instanceId,
    requestId: event.id,
    requestSource: event.source,
    type: event.type,
    data: JSON.stringify(sealSecrets(data, instanceId, keys)),
    ticket: ticket === undefined ? null : JSON.stringify(ticket),
    fingerprints: ["k1.print"],
    sequenceNumber: "1",
    receivedAt: "2026-03-01T07:59:59.000Z",
    queue: "requests",
    replySessionId: null,
    traceparent: null,
    policy: policySchema.parse(policy),
  };
}

/**
 * Plays every activity that talks to Azure or the broker by the product's own code. `publish` takes
 * the event, or throws.
 */
export function wholeApp({
  azure,
  publish,
  preflightMode = "enforce",
}: {
  azure: ReturnType<typeof createSimulatedAzure>;
  publish: (completion: Completion) => void;
  preflightMode?: PreflightMode;
}): Play {
  const { resourceManager } = azure;
  const unused = async () => Promise.reject(new Error("not used"));
  const activities: Readonly<Record<string, Activity<never, unknown>>> = {
    validateRequest: validateRequest({ resourceManager, preflightMode, allowed: everyTarget, keys, now: azure.now }),
    planConnection: planConnection({ resourceManager, keyVault: noVault, keys }),
    putConnection: putConnection({ resourceManager, keyVault: noVault, keys, isAlive: async () => true, notes: noNotes }),
    pollOperation: pollOperation({ resourceManager, keys }),
    verifyConnection: verifyConnection({ resourceManager, keys }),
    readConnectionState: readConnectionState({ resourceManager, keys }),
    publishCompletion: publishCompletion({
      outbox: { publish: async (completion) => publish(completion), resubmit: unused, quarantine: unused },
      version: "1",
    }),
    inspectInstance: async () => ({ ok: { alive: false } }),
  };
  return async (name, input) => {
    const activity = activities[name];
    if (!activity) throw new Error(`nobody plays ${name}`);
    azure.playing(name);
    return hideSecrets(activity, keys)(input, invocation).catch((error: unknown) => error as Error);
  };
}
