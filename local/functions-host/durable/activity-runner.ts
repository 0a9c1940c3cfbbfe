import { functionsOf } from "../app/load-app.ts";
import { typedDataToJson } from "../app/typed-data.ts";
import type { Work } from "../store/tasks.ts";
import { unsupportedError } from "../unsupported-error.ts";
import type { EngineContext } from "./engine-context.ts";
import { eventType, type HistoryEvent } from "./events.ts";
import { createRunner } from "./runner.ts";

/**
 * Creates the runner of activities. It runs each at least once: a process may die after an activity
 * has ended and before its result is stored.
 */
export function createActivityRunner(context: EngineContext, limit: number) {
  const { app, database, tasks, roughness } = context;
  const known = new Map(functionsOf(app, "activityTrigger").map((target) => [target.name.toLowerCase(), target]));
  const works = new Map<string, Work & { readonly execution: string }>();
  const runner = createRunner(limit, async (key) => {
    const work = works.get(key);
    works.delete(key);
    if (!work || context.stopped() || context.draining()) return;
    tasks.takeWork(work.instance, work.task, roughness.takenWorkComesBackAt());
    // An activity may change the world outside.
    await database.committed();
    if (context.stopped()) return;
    const event = await run(work);
    if (context.stopped()) return;
    const isWanted = database.transaction(() => {
      // Its instance may have ended in the meantime, or a new instance may have the same id.
      if (tasks.executionOf(work.instance) !== work.execution || !tasks.dropWork(work.instance, work.task)) return false;
      context.post(work.instance, event, `activity ${work.task}`);
      return true;
    });
    if (isWanted) context.wake.instance(work.instance);
  });

  async function run({ instance, task, name, input }: Work): Promise<HistoryEvent> {
    const target = known.get(name.toLowerCase());
    const createFailedEvent = (reason: string, details: string): HistoryEvent => ({
      EventType: eventType.TaskFailed,
      EventId: -1,
      TaskScheduledId: task,
      Reason: reason,
      Details: details,
    });
    if (!target) return createFailedEvent(`The function '${name}' doesn't exist, is disabled, or is not an activity function.`, "");
    try {
      const trigger = input === "null" ? {} : { string: input };
      const { returned } = await app.invoke(target, {
        trigger,
        triggerMetadata: { instanceId: { string: instance } },
        durableClient: context.durableClient(),
      });
      return { EventType: eventType.TaskCompleted, EventId: -1, TaskScheduledId: task, Result: typedDataToJson(returned) };
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const message = hasProperties(text) ? unsupportedError("setExceptionPropertiesProvider").message : text;
      app.log({
        level: "error",
        category: "host",
        function: name,
        message: `Activity ${name} of ${instance} failed: ${error instanceof Error ? (error.stack ?? text) : text}`,
      });
      // The text that the extension writes, so that orchestrations see the same as in Azure.
      const details = JSON.stringify({
        $type: "System.Exception, System.Private.CoreLib",
        ClassName: "System.Exception",
        Message: message,
      });
      return createFailedEvent(`Activity function '${name}' failed: ${message}`, details);
    }
  }

  return {
    wake(work: Work) {
      const execution = tasks.executionOf(work.instance);
      const key = `${execution}/${work.task}`;
      works.set(key, { ...work, execution });
      runner.wake(key);
    },
    idle: runner.idle,
  };
}

/**
 * Returns true for an error with properties. The SDK writes it as JSON, and the extension turns it
 * into FailureDetails.
 */
function hasProperties(message: string): boolean {
  return /^\{"errorType":.*"isNonRetriable":(true|false),"properties":/s.test(message);
}
