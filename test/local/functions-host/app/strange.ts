import * as df from "durable-functions";

const circular: Record<string, unknown> = {};
circular["self"] = circular;

/** Values that are no JSON, where an orchestration may put one. */
df.app.orchestration("strange", function* (context) {
  const { where, what } = context.df.getInput<{ where: string; what: string }>();
  const value: unknown = { circular, bigint: 1n, function: () => 1, undefined: undefined, date: new Date(Number.NaN) }[what];
  if (where === "customStatus") context.df.setCustomStatus(value);
  if (where === "activity") yield context.df.callActivity("echo", value);
  if (where === "entity") yield context.df.callEntity(new df.EntityId("counter", "strange"), "get", value);
  if (where === "timer") yield context.df.createTimer(value as Date);
  if (where === "continueAsNew") return context.df.continueAsNew(value);
  return where === "output" ? value : "done";
});
