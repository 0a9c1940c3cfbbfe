import type { OrchestrationContext, Task } from "durable-functions";
import * as df from "durable-functions";

/** What the development host does not do, by the name under which it is refused. */
const asked: Readonly<Record<string, (context: OrchestrationContext) => Task>> = {
  callHttp: ({ df: durable }) => durable.callHttp({ method: "GET", url: "http://127.0.0.1/" }),
  callSubOrchestrator: ({ df: durable }) => durable.callSubOrchestrator("chain", 1),
  callSubOrchestratorWithRetry: ({ df: durable }) => durable.callSubOrchestratorWithRetry("chain", new df.RetryOptions(1, 2), 1),
  "df.lock": ({ df: durable }) => durable.lock(new df.EntityId("counter", "a")),
  retryTimeoutInMilliseconds({ df: durable }) {
    const options = new df.RetryOptions(1, 2);
    options.retryTimeoutInMilliseconds = 5;
    return durable.callActivityWithRetry("echo", options, 1);
  },
};

df.app.setExceptionPropertiesProvider({ getExceptionProperties: (error) => (error instanceof QuotaError ? { left: 0 } : undefined) });
class QuotaError extends Error {}
df.app.activity("failWithProperties", {
  handler: () => {
    throw new QuotaError("quota");
  },
});
df.app.orchestration("catchesProperties", function* (context) {
  yield context.df.callActivity("failWithProperties");
});

df.app.orchestration("asksFor", function* (context) {
  yield taskNamed(context, context.df.getInput<string>());
});

/** Beside an activity that may be done. */
df.app.orchestration("asksForBoth", function* (context) {
  yield context.df.Task.all([context.df.callActivity("echo", 1), taskNamed(context, context.df.getInput<string>())]);
});

function taskNamed(context: OrchestrationContext, name: string): Task {
  const task = asked[name]?.(context);
  if (!task) throw new Error(`Nothing is called ${name}.`);
  return task;
}
