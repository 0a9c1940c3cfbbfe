/**
 * The history event types that the SDK and this engine use, with the numbers of the Durable Task
 * Framework (https://github.com/Azure/durabletask).
 */
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

/**
 * One event of a history, or one that waits for delivery. The fields are those of the framework.
 */
export interface HistoryEvent {
  readonly EventType: number;
  /** The id of a created event, or -1. */
  readonly EventId: number;
  readonly [field: string]: unknown;
}

/**
 * Returns the part of an event that the SDK reads in a replay. It leaves out inputs, because the
 * SDK does not read them, and every poll has one with a long signed operation URL. Of a message to
 * an entity the SDK reads the id.
 */
export function replayPartOf(event: HistoryEvent): HistoryEvent {
  const { Input, ...rest } = event;
  if (event.EventType === eventType.ExecutionStarted || event.EventType === eventType.TaskScheduled) return rest;
  if (event.EventType !== eventType.EventSent) return event;
  const { op, id } = JSON.parse(String(Input)) as { op: string; id: string };
  return { ...event, Input: JSON.stringify({ op, id }) };
}

export const terminalStates = ["Completed", "Failed", "Terminated", "Canceled"];
/** The states of an instance, as the management API spells them. */
export type RuntimeStatus = "Pending" | "Running" | "Completed" | "Failed" | "Terminated" | "Canceled";

/** Returns the execution id of a first event. */
export function executionOf(started: HistoryEvent): string {
  return (started["OrchestrationInstance"] as { ExecutionId: string }).ExecutionId;
}

/** Returns the first event of an execution. */
export function createStartedEvent(id: string, name: string, execution: string, input: string, version: string): HistoryEvent {
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
