import { setTimeout as pause } from "node:timers/promises";
import { app, trigger } from "@azure/functions";
import * as df from "durable-functions";
import { answerMessage } from "../orchestrations/answer-message.ts";
import { cancelProvisioning } from "../orchestrations/cancel-provisioning.ts";
import { provisionVpnConnection } from "../orchestrations/provision-vpn-connection.ts";
import { createDeadLetters } from "../shared/azure/dead-letters.ts";
import { createKeyVault } from "../shared/azure/key-vault.ts";
import { createResourceManager } from "../shared/azure/resource-manager.ts";
import { createOutbox } from "../shared/azure/service-bus.ts";
import { createServiceBusClient } from "../shared/azure/service-bus-client.ts";
import { claimAnswerOf, claimOperations, noClaim } from "../shared/claim.ts";
import { keyOperations, noKeys } from "../shared/connection-keys.ts";
import { freeLease, leaseOperations, leaseViewOf } from "../shared/lease.ts";
import { openDoorsOf } from "../shared/open-doors.ts";
import { functionNameOf } from "../shared/request-queues.ts";
import { readSettings } from "../shared/settings.ts";
import { entityOf } from "./entity.ts";
import { handOverAnswer } from "./hand-over-answer.ts";
import { inspectInstance } from "./inspect-instance.ts";
import { isAlive } from "./instance-status.ts";
import { planConnection } from "./plan-connection.ts";
import { pollOperation } from "./poll-operation.ts";
import { publishCompletion } from "./publish-completion.ts";
import { putConnection } from "./put-connection.ts";
import { readConnectionState } from "./read-connection-state.ts";
import { receiveRequest } from "./receive-request.ts";
import { settle } from "./settle.ts";
import { createSubmissionNotes } from "./submission-note.ts";
import { sweepInterrupted } from "./sweep-interrupted.ts";
import { takeDeadLetters } from "./take-dead-letters.ts";
import { tellPlace } from "./tell-place.ts";
import { validateCancel } from "./validate-cancel.ts";
import { validateRequest } from "./validate-request.ts";
import { verifyConnection } from "./verify-connection.ts";
import { wakeInstances } from "./wake-instances.ts";

// The whole app, in the order in which a request goes through it.

const settings = readSettings(process.env);
for (const message of openDoorsOf(settings)) console.warn(JSON.stringify({ step: "started", message }));
const keys = settings.SEALING_KEYS;
const resourceManager = createResourceManager(settings);
const keyVault = createKeyVault(settings);
const serviceBus = createServiceBusClient(settings);
const outbox = createOutbox(settings, serviceBus);
const deadLetters = createDeadLetters(serviceBus);
const now = () => new Date();
const client = df.input.durableClient();
const queues = settings.REQUEST_QUEUES;
const receiving = { queues, keys, policy: settings.PROVISIONING_POLICY, outbox, now, pause };

const activities = {
  validateRequest: validateRequest({ resourceManager, preflightMode: settings.PREFLIGHT, allowed: settings, keys }),
  validateCancel,
  inspectInstance,
  wakeInstances,
  readConnectionState: readConnectionState({ resourceManager, keys }),
  planConnection: planConnection({ resourceManager, keyVault, keys }),
  putConnection: putConnection({ resourceManager, keyVault, keys, isAlive, notes: createSubmissionNotes(pause) }),
  pollOperation: pollOperation({ resourceManager, keys }),
  verifyConnection: verifyConnection({ resourceManager, keys }),
  publishCompletion: publishCompletion({ outbox }),
  handOverAnswer,
};
/** What an orchestration may call, by name. */
export type Activities = typeof activities;

// A message of a request queue starts an orchestration. It arrives as bytes, because text would already have lost large numbers and broken encodings.
for (const queue of queues.keys()) {
  app.generic(functionNameOf(queue, queues), {
    trigger: { ...trigger.generic({ type: "serviceBusTrigger" }), connection: "ServiceBus", dataType: "binary", queueName: queue },
    extraInputs: [client],
    handler: receiveRequest(queue, receiving),
  });
}
// What was delivered in vain is tried again later, and answered at the end. No trigger: none can read every kind of body.
app.timer("takeDeadLetters", { schedule: "0 * * * * *", extraInputs: [client], handler: takeDeadLetters({ ...receiving, deadLetters }) });

// The orchestration validates, waits for the gateway, puts, polls, verifies and publishes; two more cancel it and answer what never was a request.
df.app.orchestration("provisionVpnConnection", provisionVpnConnection);
df.app.orchestration("cancelProvisioning", cancelProvisioning);
df.app.orchestration("answerMessage", answerMessage);

// Who may change a gateway, which keys a connection has, and what a request's one answer is.
df.app.entity(
  "gatewayLease",
  entityOf(freeLease, leaseOperations, (lease, input: { asking: string }, before) => leaseViewOf(lease, before, input), tellPlace),
);
df.app.entity(
  "connectionKeys",
  entityOf(noKeys, keyOperations, (_after, _input, before) => before),
);
df.app.entity(
  "completionClaim",
  entityOf(noClaim, claimOperations, (claim, _input, before, operation) => claimAnswerOf(claim, before, operation)),
);

// Each activity is one step: one exchange with Azure at most, and never a wait.
for (const [name, activity] of Object.entries(activities)) {
  df.app.activity(name, { extraInputs: [client], handler: settle<never, unknown>(activity, keys) });
}

// Whatever ended from outside is answered too.
app.timer("sweepInterrupted", { schedule: "0 */2 * * * *", extraInputs: [client], handler: sweepInterrupted({ now }) });
