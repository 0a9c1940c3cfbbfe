import { eventType, type HistoryEvent } from "../durable/events.ts";

const nameOf = new Map<number, string>(Object.entries(eventType).map(([name, number]) => [number, name]));
const unseen: readonly number[] = [eventType.OrchestratorStarted, eventType.OrchestratorCompleted];

/**
 * Returns a history as the management API shows it: event types by name, without ids, and a
 * scheduled event merged into its completion
 * (https://github.com/Azure/azure-functions-durable-extension/blob/dev/src/WebJobs.Extensions.DurableTask/ContextImplementations/DurableClient.cs).
 */
export function formatHistory(history: readonly HistoryEvent[], show: { inputs: boolean; results: boolean }): object[] {
  const scheduled = new Map(
    history.filter(({ EventType }) => EventType === eventType.TaskScheduled).map((event) => [event.EventId, event] as const),
  );
  const completed = new Set(history.map(({ TaskScheduledId }) => TaskScheduledId));
  return history
    .filter(({ EventType, EventId }) => !unseen.includes(EventType) && !(EventType === eventType.TaskScheduled && completed.has(EventId)))
    .map(({ EventType, EventId, IsPlayed, TaskScheduledId, TimerId, Version, OrchestrationInstance, ParentInstance, ...event }) => {
      const { Name, Input, Result, ...rest } = event;
      const asked = scheduled.get(Number(TaskScheduledId ?? -1));
      const input = asked ? asked["Input"] : Input;
      return {
        EventType: nameOf.get(EventType),
        ...(EventType === eventType.ExecutionStarted ? { FunctionName: Name } : Name === undefined ? {} : { Name }),
        ...(asked ? { FunctionName: asked["Name"], ScheduledTime: asked["Timestamp"] } : {}),
        ...(show.inputs && input !== undefined ? { Input: input } : {}),
        ...(show.results && Result !== undefined ? { Result: JSON.parse(String(Result)) } : {}),
        ...rest,
      };
    });
}
