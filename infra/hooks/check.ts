import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "jsonc-parser";
import { idOf, runHook } from "./hook.ts";
import { describeRefusal } from "./resource-manager.ts";

// After `azd provision`: the subscription `replies` must have one rule, which lets only answers of
// a session through. Azure gives each new subscription a rule that lets everything through. It must
// be gone, because a message without a session can never be received there. This hook deletes
// nothing.

interface Rule {
  readonly name: string;
  readonly properties: { readonly filterType?: string; readonly correlationFilter?: { readonly properties?: object } };
}

const config = parse(readFileSync(join(import.meta.dirname, "..", "..", "local", "service-bus", "config.json"), "utf8"));
const [topic] = config.UserConfig.Namespaces[0].Topics;
const subscription = topic.Subscriptions.find(({ Rules }: { Rules?: unknown }) => Rules !== undefined);
const filter = JSON.stringify(subscription.Rules[0].Properties.CorrelationFilter.Properties);

await runHook(async ({ resourceManager, setting }) => {
  const [namespace = ""] = setting("SERVICE_BUS_HOST").split(".");
  const place = `namespaces/${namespace}/topics/${topic.Name}/subscriptions/${subscription.Name}`;
  const found = await resourceManager("GET", idOf(setting, `Microsoft.ServiceBus/${place}/rules?api-version=2024-01-01`));
  const what = `read the rules of the subscription ${subscription.Name} of ${namespace}`;
  if (found.status !== 200) throw new Error(describeRefusal(found, what, "Reader of the resource group"));

  const { value: rules } = found.body as { value: readonly Rule[] };
  const others = rules.filter((rule) => !isOurs(rule));
  if (others.length === rules.length)
    throw new Error(
      `The subscription ${subscription.Name} of ${namespace} has no rule that lets only ${filter} through, so it gets messages that cannot be received there: run \`azd provision\` again.`,
    );
  if (rules.length > 1) {
    const group = setting("AZURE_RESOURCE_GROUP");
    const command = `az servicebus topic subscription rule delete --resource-group ${group} --namespace-name ${namespace} --topic-name ${topic.Name} --subscription-name ${subscription.Name} --name`;
    const tooMany = others.length > 0 ? others : rules.slice(1);
    throw new Error(
      `The subscription ${subscription.Name} of ${namespace} has more than one rule, so it may get messages that cannot be received there. Remove the others: ${tooMany.map(({ name }) => `${command} '${name}'`).join("; ")}`,
    );
  }
  console.log(`The subscription ${subscription.Name} has its one rule.`);
});

function isOurs({ properties: { filterType, correlationFilter } }: Rule): boolean {
  return filterType === "CorrelationFilter" && JSON.stringify(correlationFilter?.properties) === filter;
}
