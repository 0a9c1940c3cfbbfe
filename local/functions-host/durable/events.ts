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

export const terminalStates = ["Completed", "Failed", "Terminated", "Canceled"];
/** The states of an instance, as the management API spells them. */
export type RuntimeStatus = "Pending" | "Running" | "Completed" | "Failed" | "Terminated" | "Canceled";
