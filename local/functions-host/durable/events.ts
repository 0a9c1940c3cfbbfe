/** The history event types that the SDK and this engine exchange, by the numbers of the Durable Task Framework (https://github.com/Azure/durabletask). */
export const eventType = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventSent: 14,
  EventRaised: 15,
} as const;

/** One event of a history, or one that waits to be delivered; the fields are the framework's. */
export interface HistoryEvent {
  readonly EventType: number;
  /** The id of a created event; -1 for all others. */
  readonly EventId: number;
  readonly [field: string]: unknown;
}

/**
 * What the SDK reads of an event when it replays it: not the inputs of what it asked for, which are as large as a signed operation URL and there once for
 * every poll. Of a message to an entity it needs the id.
 */
export function replayedOf(event: HistoryEvent): HistoryEvent {
  const { Input, ...rest } = event;
  if (event.EventType === eventType.ExecutionStarted || event.EventType === eventType.TaskScheduled) return rest;
  if (event.EventType !== eventType.EventSent) return event;
  const { op, id } = JSON.parse(String(Input)) as { op: string; id: string };
  return { ...event, Input: JSON.stringify({ op, id }) };
}

export const terminalStates = ["Completed", "Failed", "Terminated", "Canceled"];
/** The states of an instance, as the management API spells them. */
export type RuntimeStatus = "Pending" | "Running" | "Completed" | "Failed" | "Terminated" | "Canceled";

/** The execution that a first event begins. */
export function executionOf(started: HistoryEvent): string {
  return (started["OrchestrationInstance"] as { ExecutionId: string }).ExecutionId;
}

/** The first event of an execution. */
export function startedEvent(id: string, name: string, execution: string, input: string, version: string): HistoryEvent {
  return {
    EventType: eventType.ExecutionStarted,
    EventId: -1,
    Name: name,
    Version: version,
    Input: input,
    OrchestrationInstance: { InstanceId: id, ExecutionId: execution },
    ParentInstance: null,
  };
}
