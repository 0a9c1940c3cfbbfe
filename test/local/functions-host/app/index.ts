import { app, type HttpRequest } from "@azure/functions";
import * as df from "durable-functions";
import "./asks-for.ts";
import { changing, taskOf } from "./changing.ts";
import { counting } from "./counted.ts";
import { held } from "./held.ts";
import { runPlan } from "./plans.ts";
import "./strange.ts";

// An ordinary Functions app that uses each feature of the host and knows nothing of it.

const failures = new Map<string, number>();

df.app.activity("echo", { handler: (input: unknown) => input });
df.app.activity("sum", { handler: ({ a, b }: { a: number; b: number }) => a + b });
df.app.activity("nothing", { handler: () => undefined });
df.app.activity("fail", {
  handler: (message: string) => {
    throw new Error(message);
  },
});
df.app.activity("hold", {
  handler: async () => {
    held.begun++;
    await held.until;
    held.ended++;
    return "held";
  },
});
df.app.orchestration("holds", function* (context) {
  const first: string = yield context.df.callActivity("hold");
  const second: string = yield context.df.callActivity("echo", "then");
  return [first, second];
});
df.app.orchestration("holdsMany", function* (context) {
  const tasks = Array.from({ length: context.df.getInput<number>() }, () => context.df.callActivity("hold"));
  return yield context.df.Task.all(tasks);
});
/** Fails as often as it is told, by key. */
df.app.activity("failTimes", {
  handler: ({ key, times }: { key: string; times: number }) => {
    const failed = failures.get(key) ?? 0;
    failures.set(key, failed + 1);
    if (failed < times) throw new Error(`failure ${failed + 1} of ${times}`);
    return `after ${failed} failures`;
  },
});

df.app.orchestration("chain", function* (context) {
  const three: number = yield context.df.callActivity("sum", { a: 1, b: 2 });
  const text: string = yield context.df.callActivity("echo", "text");
  const nothing: unknown = yield context.df.callActivity("nothing");
  return { three, text, nothing, input: context.df.getInput() };
});

df.app.orchestration("retry", function* (context) {
  const { key, times } = context.df.getInput<{ key: string; times: number }>();
  return yield context.df.callActivityWithRetry("failTimes", new df.RetryOptions(60_000, 3), { key, times });
});

df.app.orchestration("waits", function* (context) {
  context.df.setCustomStatus({ waiting: true });
  const started = context.df.currentUtcDateTime.getTime();
  yield context.df.createTimer(new Date(started + 3_600_000));
  return context.df.currentUtcDateTime.getTime() - started;
});

df.app.orchestration("approval", function* (context) {
  const timeout = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
  const approval = context.df.waitForExternalEvent("Approval");
  const winner: unknown = yield context.df.Task.any([approval, timeout]);
  if (winner === timeout) return "timed out";
  timeout.cancel();
  return { approved: approval.result };
});

/** Hears an event as often as it is told, by number of times. */
df.app.orchestration("hears", function* (context) {
  const heard: unknown[] = [];
  for (let times = context.df.getInput<number>(); times > 0; times--) heard.push(yield context.df.waitForExternalEvent("Told"));
  return heard;
});

df.app.orchestration("fanOut", function* (context) {
  const results: number[] = yield context.df.Task.all([1, 2, 3, 4, 5].map((a) => context.df.callActivity("sum", { a, b: 10 })));
  return results;
});

df.app.orchestration("fails", function* (context) {
  yield context.df.callActivity("fail", "no luck");
});

df.app.orchestration("callsNobody", function* (context) {
  yield context.df.callActivity("thereIsNone", 1);
});

df.app.orchestration("counts", function* (context) {
  const count = context.df.getInput<number>();
  yield context.df.callActivity("echo", count);
  if (count < 3) context.df.continueAsNew(count + 1);
  return count;
});

df.app.orchestration("usesEntity", function* (context) {
  const counter = new df.EntityId("counter", context.df.instanceId);
  context.df.signalEntity(counter, "add", 5);
  yield context.df.callEntity(counter, "add", 7);
  return yield context.df.callEntity(counter, "get");
});

df.app.orchestration("changesItsMind", function* (context) {
  // What must not be done: it differs between replays.
  yield taskOf(context, changing.now[0] ?? null);
  if (changing.now.length > 1) yield taskOf(context, changing.now[1] ?? null);
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
});

df.app.orchestration("plan", runPlan);

df.app.activity("tellsOfItself", { handler: (_input: unknown, context) => context.log("%s is told", "a secret") });
df.app.orchestration("tells", function* (context) {
  yield context.df.callActivity("tellsOfItself");
});
app.hook.log((entry) => {
  if (entry.invocationContext?.functionName === "tellsOfItself") entry.message = entry.message.replace("a secret", "nothing");
});

// What the SDK itself counts, after each run of an orchestrator.
app.hook.postInvocation(({ invocationContext }) => {
  const { df: durable } = invocationContext as unknown as { df?: { instanceId: string; taskOrchestratorExecutor?: Executor } };
  const executor = durable?.taskOrchestratorExecutor;
  if (!durable || !executor) return;
  const open = Object.entries(executor.openTasks).filter(([id, task]) => /^\d+$/.test(id) && counts(task) && counts(task.parent));
  counting.told(durable.instanceId, { next: executor.sequenceNumber, open: open.map(([id]) => Number(id)) });
});

interface OpenTask {
  readonly actionObj?: { readonly actionType: number; readonly isCanceled?: boolean };
  readonly parent?: OpenTask;
}
interface Executor {
  readonly sequenceNumber: number;
  readonly openTasks: Readonly<Record<string, OpenTask>>;
}

/** Calls of entities hold nothing back, and cancelled timers are over. */
function counts(task: OpenTask | undefined): boolean {
  return !task?.actionObj || (task.actionObj.actionType !== 7 && !task.actionObj.isCanceled);
}

df.app.entity<number>("counter", (context) => {
  if (context.df.operationName === "add") context.df.setState((context.df.getState(() => 0) ?? 0) + (context.df.getInput<number>() ?? 0));
  else context.df.return(context.df.getState(() => 0));
});

app.http("hello", {
  route: "hello/{name}",
  methods: ["GET"],
  handler: (request: HttpRequest) => ({ status: 201, jsonBody: { hello: request.params["name"], query: request.query.get("q") } }),
});

app.http("startIt", {
  route: "start/{name}",
  methods: ["POST"],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const id = await client.startNew(request.params["name"] ?? "", { input: await request.json() });
    return client.createCheckStatusResponse(request, id);
  },
});
