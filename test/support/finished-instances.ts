import { eventType, type HistoryEvent } from "../../local/functions-host/durable/events.ts";
import { openInstanceTables } from "../../local/functions-host/store/instances.ts";
import { openDatabase } from "../../local/functions-host/store/open.ts";

const BATCH = 1_000;
/** One in so many failed. */
const FAILED_EVERY = 1_000;

/**
 * Puts instances that have ended into the store of a data directory, each with a history of five
 * activities, created a second apart until `now`.
 */
export async function addFinishedInstances(dataDirectory: string, count: number, now: number): Promise<void> {
  const database = openDatabase(dataDirectory);
  const instances = openInstanceTables(database);
  try {
    for (let first = 0; first < count; first += BATCH) {
      database.transaction(() => {
        for (let index = first; index < Math.min(first + BATCH, count); index++) add(index);
      });
      await database.committed();
    }
  } finally {
    database.close();
  }

  function add(index: number): void {
    const id = `finished-${index}`;
    const created = now - (count - index) * 1_000;
    instances.create(id, "echoes", `execution-${index}`, '["a","b","c","d","e"]', created);
    instances.append(id, historyOf(new Date(created).toISOString()));
    const instance = instances.get(id);
    if (!instance) throw new Error(`${id} was not created`);
    const failed = index % FAILED_EVERY === 0;
    instances.save({
      ...instance,
      status: failed ? "Failed" : "Completed",
      output: failed ? '"failed"' : '["a","b","c","d","e"]',
      updated: created,
    });
  }
}

function historyOf(Timestamp: string): HistoryEvent[] {
  const common = { IsPlayed: true, Timestamp };
  const opening = { EventType: eventType.OrchestratorStarted, EventId: -1, ...common };
  const closing = { EventType: eventType.OrchestratorCompleted, EventId: -1, ...common };
  const started = {
    EventType: eventType.ExecutionStarted,
    EventId: -1,
    Name: "echoes",
    Version: "",
    Input: '["a","b","c","d","e"]',
    ...common,
  };
  const scheduled = (EventId: number) => ({
    EventType: eventType.TaskScheduled,
    EventId,
    Name: "echo",
    Version: "",
    Input: '["a"]',
    ...common,
  });
  const completed = (task: number) => ({
    EventType: eventType.TaskCompleted,
    EventId: -1,
    TaskScheduledId: task,
    Result: '"a"',
    ...common,
  });
  const ended = {
    EventType: eventType.ExecutionCompleted,
    EventId: -1,
    OrchestrationStatus: "Completed",
    Result: '["a","b","c","d","e"]',
    ...common,
  };
  const between = [0, 1, 2, 3].flatMap((task) => [opening, completed(task), scheduled(task + 1), closing]);
  return [opening, started, scheduled(0), closing, ...between, opening, completed(4), closing, ended];
}
