import * as df from "durable-functions";

df.app.orchestration("all", function* (context) {
  const values = context.df.getInput<number[]>();
  return yield context.df.Task.all(values.map((value) => context.df.callActivity("echo", value)));
});

df.app.orchestration("allWithFailure", function* (context) {
  try {
    yield context.df.Task.all([context.df.callActivity("echo", 1), context.df.callActivity("fail", "one of them")]);
    return "nothing was thrown";
  } catch (error) {
    return { message: (error as Error).message, after: yield context.df.callActivity("echo", "after") };
  }
});

df.app.orchestration("any", function* (context) {
  const never = context.df.waitForExternalEvent("Never");
  const fast = context.df.callActivity("echo", "fast");
  const winner: unknown = yield context.df.Task.any([never, fast]);
  return { won: winner === fast, result: fast.result };
});

df.app.orchestration("anyOfAlls", function* (context) {
  const both = context.df.Task.all([context.df.callActivity("echo", 1), context.df.callActivity("echo", 2)]);
  const never = context.df.Task.all([context.df.callActivity("echo", 3), context.df.waitForExternalEvent("Never")]);
  const winner: unknown = yield context.df.Task.any([never, both]);
  return { won: winner === both, result: both.result };
});

df.app.orchestration("retriesSideBySide", function* (context) {
  const key = context.df.instanceId;
  const options = (attempts: number) => new df.RetryOptions(1_000, attempts);
  return yield context.df.Task.all([
    context.df.callActivityWithRetry("failAtFirst", options(4), { key: `${key}/a`, failures: 3 }),
    context.df.callActivity("echo", "between"),
    context.df.callActivityWithRetry("failAtFirst", options(3), { key: `${key}/b`, failures: 1 }),
  ]);
});

df.app.orchestration("guids", function* (context) {
  const [one, two] = [context.df.newGuid("a"), context.df.newGuid("a")];
  const kept: string = yield context.df.callActivity("echo", one);
  return { differ: one !== two, replayed: kept === one };
});
