import * as df from "durable-functions";

/** Waits for events one after the other, by name, and answers their contents. */
df.app.orchestration("waitsFor", function* (context) {
  const contents: unknown[] = [];
  for (const name of context.df.getInput<string[]>()) {
    context.df.setCustomStatus({ waitsFor: name });
    contents.push(yield context.df.waitForExternalEvent(name));
  }
  return contents;
});

/** Shows its input, waits for one event, and returns the input. */
df.app.orchestration("waitsForInput", function* (context) {
  const input = context.df.getInput<number>();
  context.df.setCustomStatus(input);
  yield context.df.waitForExternalEvent("Go");
  return input;
});

df.app.orchestration("twoWaiters", function* (context) {
  const first = context.df.waitForExternalEvent("Same");
  const second = context.df.waitForExternalEvent("Same");
  context.df.setCustomStatus("waits");
  const [one, two]: unknown[] = yield context.df.Task.all([first, second]);
  return { first: one, second: two };
});

df.app.orchestration("eventOrTimeout", function* (context) {
  const { milliseconds } = context.df.getInput<{ milliseconds: number }>();
  const timeout = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + milliseconds));
  const approval = context.df.waitForExternalEvent("Approval");
  context.df.setCustomStatus("waits");
  const winner: unknown = yield context.df.Task.any([approval, timeout]);
  if (winner === timeout) return "timed out";
  timeout.cancel();
  return { approved: approval.result };
});

df.app.orchestration("firstOf", function* (context) {
  const names = context.df.getInput<string[]>();
  const waiters = names.map((name) => context.df.waitForExternalEvent(name));
  context.df.setCustomStatus("waits");
  const winner: unknown = yield context.df.Task.any(waiters);
  return names.find((_name, index) => waiters[index] === winner);
});
