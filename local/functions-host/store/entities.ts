import type { Database } from "./open.ts";

/** An operation that waits for its entity; `input` is JSON text. `caller` is the instance that waits for the answer under `id`; signals have none. */
export interface EntityMessage {
  readonly id: string;
  readonly operation: string;
  readonly input: string | null;
  readonly caller: string | null;
}

/** A message in the queue of an entity: its row, and when it can be seen. */
export interface QueuedMessage {
  readonly row: number;
  readonly visibleAt: number;
  readonly message: EntityMessage;
}

/** The tables of entities (by scheduler id, `@name@key`) and the operations that wait for them. */
export function entityTables({ sql }: Database) {
  const get = sql.prepare("SELECT state FROM entities WHERE id = ?");
  const put = sql.prepare("INSERT INTO entities VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state");
  const remove = sql.prepare("DELETE FROM entities WHERE id = ?");
  // Nothing overtakes what its sender sent to the same entity before.
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
    /** JSON text, or nothing when the entity does not exist. */
    state: (id: string): string | undefined => (get.get(id) as { state: string } | undefined)?.state,
    setState: (id: string, state: string | undefined) => void (state === undefined ? remove.run(id) : put.run(id, state)),
    /** Adds a message of `sender`, which can be seen from `visibleAt` on. */
    queue: (entity: string, message: EntityMessage, sender: string, visibleAt: number) =>
      void queue.run({ entity, message: JSON.stringify(message), sender, visibleAt }),
    /**
     * Returns messages in the order in which they can be seen, also those that cannot be seen yet.
     */
    queued: (id: string): QueuedMessage[] =>
      (queued.all(id) as { id: number; message: string; visibleAt: number }[]).map(({ id: row, message, visibleAt }) => ({
        row,
        visibleAt,
        message: JSON.parse(message) as EntityMessage,
      })),
    /** Notes that a process works on messages; 0 leaves no note. */
    take(batch: readonly QueuedMessage[], until: number) {
      if (until > 0) for (const { row } of batch) take.run(until, row);
    },
    drop: (row: number) => void drop.run(row),
    /** The entities that have operations to do. */
    waiting: (): string[] => (waiting.all() as { entity: string }[]).map(({ entity }) => entity),
  };
}
