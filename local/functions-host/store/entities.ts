import type { Database } from "./open.ts";

/**
 * An operation that waits for its entity. `input` is JSON text. `caller` is the instance that waits
 * for the response under `id`. A signal has no caller.
 */
export interface EntityMessage {
  readonly id: string;
  readonly operation: string;
  readonly input: string | null;
  readonly caller: string | null;
}

/** A message in the queue of an entity: its row, and when it becomes visible. */
export interface QueuedMessage {
  readonly row: number;
  readonly visibleAt: number;
  readonly message: EntityMessage;
}

/**
 * Creates access to the tables of entities, by scheduler id (`@name@key`), and of the operations
 * that wait for them.
 */
export function openEntityTables({ sql }: Database) {
  const get = sql.prepare("SELECT state FROM entities WHERE id = ?");
  const put = sql.prepare("INSERT INTO entities VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state");
  const remove = sql.prepare("DELETE FROM entities WHERE id = ?");
  // A message is never visible before earlier messages from the same sender to the same entity.
  const queue = sql.prepare(
    `INSERT INTO entity_inbox (entity, message, sender, visible_at) VALUES (:entity, :message, :sender,
      max(:visibleAt, coalesce((SELECT max(visible_at) FROM entity_inbox WHERE entity = :entity AND sender = :sender), 0)))`,
  );
  const queued = sql.prepare(
    "SELECT id, message, visible_at AS visibleAt FROM entity_inbox WHERE entity = ? ORDER BY visible_at, id LIMIT 100",
  );
  const take = sql.prepare("UPDATE entity_inbox SET taken_until = ? WHERE id = ?");
  const drop = sql.prepare("DELETE FROM entity_inbox WHERE id = ?");
  const waiting = sql.prepare("SELECT DISTINCT entity FROM entity_inbox");
  return {
    /** Returns the state as JSON text, or nothing if the entity does not exist. */
    state: (id: string): string | undefined => (get.get(id) as { state: string } | undefined)?.state,
    setState: (id: string, state: string | undefined) => void (state === undefined ? remove.run(id) : put.run(id, state)),
    /** Adds a message from `sender` that is visible from `visibleAt` on. */
    queue: (entity: string, message: EntityMessage, sender: string, visibleAt: number) =>
      void queue.run({ entity, message: JSON.stringify(message), sender, visibleAt }),
    /**
     * Returns the messages in the order in which they become visible, with those that are not
     * visible yet.
     */
    queued: (id: string): QueuedMessage[] =>
      (queued.all(id) as { id: number; message: string; visibleAt: number }[]).map(({ id: row, message, visibleAt }) => ({
        row,
        visibleAt,
        message: JSON.parse(message) as EntityMessage,
      })),
    /** Stores until when a process has taken these messages. 0 stores nothing. */
    take(batch: readonly QueuedMessage[], until: number) {
      if (until > 0) for (const { row } of batch) take.run(until, row);
    },
    drop: (row: number) => void drop.run(row),
    /** Returns the entities with waiting operations. */
    waiting: (): string[] => (waiting.all() as { entity: string }[]).map(({ entity }) => entity),
  };
}
