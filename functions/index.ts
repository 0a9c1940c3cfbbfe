import { app, trigger } from "@azure/functions";
import * as df from "durable-functions";
import { provisionVpnConnection } from "../orchestrations/provision-vpn-connection.ts";
import { createResourceManager } from "../shared/azure/resource-manager.ts";
import { createOutbox } from "../shared/azure/service-bus.ts";
import { readSettings } from "../shared/settings.ts";
import { pollOperation } from "./poll-operation.ts";
import { publishCompletion } from "./publish-completion.ts";
import { putConnection } from "./put-connection.ts";
import { receiveRequest } from "./receive-request.ts";
import { settle } from "./settle.ts";
import { validateRequest } from "./validate-request.ts";
import { verifyConnection } from "./verify-connection.ts";

// The whole app, in the order in which a request goes through it.

const settings = readSettings(process.env);
const keys = settings.SEALING_KEYS;
const resourceManager = createResourceManager(settings);
const outbox = createOutbox(settings);

const activities = {
  validateRequest,
  putConnection: putConnection({ resourceManager, keys }),
  pollOperation: pollOperation({ resourceManager }),
  verifyConnection: verifyConnection({ resourceManager }),
  publishCompletion: publishCompletion({ outbox }),
};
/** What an orchestration may call, by name. */
export type Activities = typeof activities;

// A message of the request queue starts the orchestration. Bytes, because text would already have lost large numbers and broken encodings.
app.generic("receiveRequest", {
  trigger: {
    ...trigger.generic({ type: "serviceBusTrigger" }),
    connection: "ServiceBus",
    queueName: settings.REQUEST_QUEUE,
    dataType: "binary",
  },
  extraInputs: [df.input.durableClient()],
  handler: receiveRequest({ queue: settings.REQUEST_QUEUE, keys, policy: settings.PROVISIONING_POLICY, outbox, now: () => new Date() }),
});

// The orchestration validates, puts, polls, verifies and publishes.
df.app.orchestration("provisionVpnConnection", provisionVpnConnection);

// Each activity is one step of it: one exchange with Azure at most, and never a wait.
for (const [name, activity] of Object.entries(activities)) {
  df.app.activity(name, { handler: settle<never, unknown>(activity, keys) });
}
