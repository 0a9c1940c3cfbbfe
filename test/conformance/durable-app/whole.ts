import * as df from "durable-functions";

// biome-ignore lint/correctness/useYield: an orchestrator may have nothing to wait for
df.app.orchestration("returns", function* (context) {
  return context.df.getInput();
});

df.app.orchestration("throws", function* (context) {
  context.df.setCustomStatus("about to fail");
  yield context.df.callActivity("echo", 1);
  throw new Error("the orchestrator is broken");
});

df.app.orchestration("counts", function* (context) {
  const { count, until } = context.df.getInput<{ count: number; until: number }>();
  if (count === 1) context.df.setCustomStatus("set by the first");
  yield context.df.callActivity("echo", count);
  if (count < until) context.df.continueAsNew({ count: count + 1, until });
  return { count, version: context.df.version ?? null };
});

// biome-ignore lint/correctness/useYield: an orchestrator may have nothing to wait for
df.app.orchestration("versioned", function* (context) {
  return { version: context.df.version ?? null };
});
