import { setTimeout as pause } from "node:timers/promises";
import { app, trigger } from "@azure/functions";
import * as df from "durable-functions";
import { readAppVersion } from "../azure/app-version.ts";
import { createBacklog } from "../azure/backlog.ts";
import { createDeadLetters } from "../azure/dead-letters.ts";
import { createKeyVault } from "../azure/key-vault.ts";
import { createResourceManager } from "../azure/resource-manager.ts";
import { createOutbox } from "../azure/service-bus.ts";
import { createServiceBusClient } from "../azure/service-bus-client.ts";
import { createTracing } from "../azure/tracing.ts";
import { answerMessage } from "../orchestrations/answer-message.ts";
import { cancelProvisioning } from "../orchestrations/cancel-provisioning.ts";
import { provisionVpnConnection } from "../orchestrations/provision-vpn-connection.ts";
import { accessWarningsOf } from "../shared/access/access-warnings.ts";
import { functionNameOf } from "../shared/access/request-queues.ts";
import type { Activities } from "../shared/durable/activities.ts";
import { claimOperations, claimViewOf, noClaim } from "../shared/durable/claim.ts";
import { freeGateway, gatewayOperations, gatewayResultOf } from "../shared/durable/gateway.ts";
import { entities, orchestrations } from "../shared/durable/names.ts";
import { startLineOf } from "../shared/log/start-line.ts";
import { readSettings } from "../shared/settings.ts";
import type { ActivityNamed } from "./activities/activity.ts";
import { handOverAnswer } from "./activities/hand-over-answer.ts";
import { hideSecrets } from "./activities/hide-secrets.ts";
import { inspectInstance } from "./activities/inspect-instance.ts";
import { planConnection } from "./activities/plan-connection.ts";
import { pollOperation } from "./activities/poll-operation.ts";
import { publishCompletion } from "./activities/publish-completion.ts";
import { putConnection } from "./activities/put-connection.ts";
import { readConnectionState } from "./activities/read-connection-state.ts";
import { createSubmissionNotes } from "./activities/submission-note.ts";
import { validateCancel } from "./activities/validate-cancel.ts";
import { validateRequest } from "./activities/validate-request.ts";
import { verifyConnection } from "./activities/verify-connection.ts";
import { wakeInstances } from "./activities/wake-instances.ts";
import { entityOf } from "./durable/entity.ts";
import { isAlive } from "./durable/instance-status.ts";
import { logPlace } from "./durable/log-place.ts";
import { logAtStart } from "./durable/log-step.ts";
import { followTraces } from "./durable/trace-context.ts";
import { receiveRequest } from "./intake/receive-request.ts";
import { measureBacklog } from "./upkeep/measure-backlog.ts";
import { sweepInterrupted } from "./upkeep/sweep-interrupted.ts";
import { takeDeadLetters } from "./upkeep/take-dead-letters.ts";

// All functions of the app, in the order in which a request passes them.

const settings = readSettings(process.env);
const tracing = createTracing(settings);
followTraces(tracing);
const version = readAppVersion();
logAtStart("info", "started", startLineOf(version, process.env, settings));
for (const message of accessWarningsOf(settings)) logAtStart("warn", "settingWarning", { message });
const keys = settings.SEALING_KEYS;
const resourceManager = createResourceManager(settings, tracing);
const keyVault = createKeyVault(settings, tracing);
const serviceBus = createServiceBusClient(settings);
const outbox = createOutbox(settings, serviceBus, tracing);
const deadLetters = createDeadLetters(serviceBus);
const backlog = createBacklog(serviceBus);
const now = () => new Date();
const client = df.input.durableClient();
const queues = settings.REQUEST_QUEUES;
const intakeDependencies = { queues, keys, policy: settings.PROVISIONING_POLICY, outbox, now, pause, tracing };

const activities = {
  validateRequest: validateRequest({
    resourceManager,
    preflightMode: settings.PREFLIGHT,
    allowed: settings,
    keys,
    now,
    isTraced: tracing !== undefined,
  }),
  validateCancel,
  inspectInstance,
  wakeInstances,
  readConnectionState: readConnectionState({ resourceManager, keys }),
  planConnection: planConnection({ resourceManager, keyVault, keys }),
  putConnection: putConnection({ resourceManager, keyVault, keys, isAlive, notes: createSubmissionNotes(pause) }),
  pollOperation: pollOperation({ resourceManager, keys }),
  verifyConnection: verifyConnection({ resourceManager, keys }),
  publishCompletion: publishCompletion({ outbox, version, tracing }),
  handOverAnswer,
} satisfies { [Name in keyof Activities]: ActivityNamed<Name> };

// A message of a request queue starts an orchestration. It arrives as bytes: as text it would
// already have lost large numbers and invalid encodings.
for (const queue of queues.keys()) {
  app.generic(functionNameOf(queue, queues), {
    trigger: { ...trigger.generic({ type: "serviceBusTrigger" }), connection: "ServiceBus", dataType: "binary", queueName: queue },
    extraInputs: [client],
    handler: receiveRequest(queue, intakeDependencies),
  });
}
// Dead letters are tried again later, and rejected at the end. This is a timer, because no trigger
// can read every kind of body.
app.timer("takeDeadLetters", {
  schedule: "0 * * * * *",
  extraInputs: [client],
  handler: takeDeadLetters({ ...intakeDependencies, deadLetters }),
});

// The first orchestration validates, waits for the gateway, sends the PUT, polls, verifies and
// publishes. The second one cancels a request. The third one only publishes a completion.
df.app.orchestration(orchestrations.provision, provisionVpnConnection);
df.app.orchestration(orchestrations.cancel, cancelProvisioning);
df.app.orchestration(orchestrations.answer, answerMessage);

// The entities hold who may change a gateway, with fingerprints of its connections' keys, and the
// one completion of a request.
df.app.entity(entities.gateway, entityOf(freeGateway, gatewayOperations, gatewayResultOf, logPlace));
df.app.entity(
  entities.request,
  entityOf(noClaim, claimOperations, (claim, _input, before, operation) => claimViewOf(claim, before, operation)),
);

// Each activity is one short step. It never waits: waits are durable timers.
for (const [name, activity] of Object.entries(activities)) {
  df.app.activity(name, { extraInputs: [client], handler: hideSecrets<never, unknown>(activity, keys) });
}

// A request whose instance was ended from outside gets a completion too.
app.timer("sweepInterrupted", { schedule: "0 */2 * * * *", extraInputs: [client], handler: sweepInterrupted({ now }) });

// How long messages wait is only known to the app: Service Bus has no metric of it.
app.timer("measureBacklog", { schedule: "0 */5 * * * *", handler: measureBacklog({ backlog, queues, now }) });
