import { type App, triggerOf } from "../../local/functions-host/app/load-app.ts";

const durableTriggers = ["orchestrationTrigger", "activityTrigger", "entityTrigger"];

/**
 * Returns the group in which Flex Consumption scales a function: orchestrations, activities and
 * entities together, functions with an HTTP trigger together, every other function alone
 * (https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan#per-function-scaling).
 */
export function scaleGroupOf(target: App["functions"][number]): string {
  const { type } = triggerOf(target);
  if (durableTriggers.includes(type)) return "durable";
  return type === "httpTrigger" ? "http" : `function:${target.name}`;
}
