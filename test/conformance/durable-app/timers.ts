import type { OrchestrationContext, TimerTask } from "durable-functions";
import * as df from "durable-functions";

function timerOf({ df: durable }: OrchestrationContext, milliseconds: number): TimerTask {
  return durable.createTimer(new Date(durable.currentUtcDateTime.getTime() + milliseconds));
}

df.app.orchestration("sleeps", function* (context) {
  const milliseconds = context.df.getInput<number>();
  const begun = context.df.currentUtcDateTime.getTime();
  yield timerOf(context, milliseconds);
  return context.df.currentUtcDateTime.getTime() - begun;
});

/** Races an activity against a timer; answers the time at which it returned. */
df.app.orchestration("leavesTimer", function* (context) {
  const { milliseconds, cancel } = context.df.getInput<{ milliseconds: number; cancel: boolean }>();
  const timer = timerOf(context, milliseconds);
  const activity = context.df.callActivity("echo", "fast");
  const winner: unknown = yield context.df.Task.any([activity, timer]);
  if (cancel) timer.cancel();
  return { won: winner === activity, cancelled: timer.isCanceled, at: context.df.currentUtcDateTime.toISOString() };
});

df.app.orchestration("timeline", function* (context) {
  const times = [context.df.currentUtcDateTime.toISOString()];
  const same = context.df.currentUtcDateTime.toISOString();
  // What an earlier episode saw comes back through an activity, which runs once: a replay that saw
  // another time would differ from it.
  const kept: string = yield context.df.callActivity("echo", same);
  times.push(context.df.currentUtcDateTime.toISOString());
  yield timerOf(context, 5_000);
  times.push(context.df.currentUtcDateTime.toISOString());
  return { times, replayed: kept === same };
});
