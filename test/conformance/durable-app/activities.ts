import * as df from "durable-functions";

const failures = new Map<string, number>();

/** What `retried` is asked for. */
export interface Retried {
  readonly key: string;
  readonly failures: number;
  readonly attempts: number;
  readonly firstMs: number;
  readonly backoff?: number;
  readonly maxMs?: number;
}

df.app.activity("echo", { handler: (input: unknown) => input });
df.app.activity("nothing", { handler: () => undefined });
df.app.activity("instanceOf", { handler: (_input, context) => context.triggerMetadata?.["instanceId"] });
df.app.activity("fail", {
  handler: (message: string) => {
    throw new Error(message);
  },
});
df.app.activity("failAtFirst", {
  handler: ({ key, failures: wanted }: Retried) => {
    const failed = failures.get(key) ?? 0;
    failures.set(key, failed + 1);
    if (failed < wanted) throw new Error(`failure ${failed + 1}`);
    return failed + 1;
  },
});

df.app.orchestration("echoes", function* (context) {
  const answers: unknown[] = [];
  for (const value of context.df.getInput<unknown[]>()) answers.push(yield context.df.callActivity("echo", value));
  return answers;
});

df.app.orchestration("answersNothing", function* (context) {
  const answer: unknown = yield context.df.callActivity("nothing");
  return { answer };
});

df.app.orchestration("asksForInstance", function* (context) {
  const seen: unknown = yield context.df.callActivity("instanceOf");
  return { seen, own: context.df.instanceId, parent: context.df.parentInstanceId ?? null };
});

df.app.orchestration("catches", function* (context) {
  try {
    yield context.df.callActivity("fail", "no luck");
    return "nothing was thrown";
  } catch (error) {
    return { isError: error instanceof Error, message: (error as Error).message, after: yield context.df.callActivity("echo", "after") };
  }
});

df.app.orchestration("failsByActivity", function* (context) {
  yield context.df.callActivity("fail", "no luck");
});

/** Answers what came of it and how long it took, in the orchestration's own time. */
df.app.orchestration("retried", function* (context) {
  const input = context.df.getInput<Retried>();
  const options = new df.RetryOptions(input.firstMs, input.attempts);
  if (input.backoff !== undefined) options.backoffCoefficient = input.backoff;
  if (input.maxMs !== undefined) options.maxRetryIntervalInMilliseconds = input.maxMs;
  const begun = context.df.currentUtcDateTime.getTime();
  const took = () => context.df.currentUtcDateTime.getTime() - begun;
  try {
    const attempt: number = yield context.df.callActivityWithRetry("failAtFirst", options, input);
    return { attempt, tookMs: took() };
  } catch (error) {
    return { message: (error as Error).message, tookMs: took(), after: yield context.df.callActivity("echo", "after") };
  }
});

/** For whoever wants to hold an activity: it ends when the address has answered. */
df.app.activity("fetch", { handler: async (url: string) => (await fetch(url)).json() });

df.app.orchestration("fetches", function* (context) {
  const answers: unknown[] = [];
  for (const url of context.df.getInput<string[]>()) answers.push(yield context.df.callActivity("fetch", url));
  return answers;
});
