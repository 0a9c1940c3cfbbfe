import type { Database } from "./open.ts";

/** An operation that waits for its entity; `input` is JSON text. `caller` is the instance that waits for the answer under `id`; signals have none. */
export interface EntityMessage {
  readonly id: string;
  readonly operation: string;
  readonly input: string | null;
  readonly caller: string | null;
}

/** The tables of entities (by scheduler id, `@name@key`) and the operations that wait for them. */
export function entityTables({ sql }: Database) {
  const get = sql.prepare("SELECT state FROM entities WHERE id = ?");
  const put = sql.prepare("INSERT INTO entities VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state");
  const remove = sql.prepare("DELETE FROM entities WHERE id = ?");
  const queue = sql.prepare("INSERT INTO entity_inbox (entity, message) VALUES (?, ?)");
  const queued = sql.prepare("SELECT id, message FROM entity_inbox WHERE entity = ? ORDER BY id LIMIT 100");
  const drop = sql.prepare("DELETE FROM entity_inbox WHERE id = ?");
  const waiting = sql.prepare("SELECT DISTINCT entity FROM entity_inbox");
  return {
    /** JSON text, or nothing when the entity does not exist. */
    state: (id: string): string | undefined => (get.get(id) as { state: string } | undefined)?.state,
    setState: (id: string, state: string | undefined) => void (state === undefined ? remove.run(id) : put.run(id, state)),
    queue: (id: string, message: EntityMessage) => void queue.run(id, JSON.stringify(message)),
    queued: (id: string): { row: number; message: EntityMessage }[] =>
      (queued.all(id) as { id: number; message: string }[]).map((row) => ({
        row: row.id,
        message: JSON.parse(row.message) as EntityMessage,
      })),
    drop: (row: number) => void drop.run(row),
    /** The entities that have operations to do. */
    waiting: (): string[] => (waiting.all() as { entity: string }[]).map(({ entity }) => entity),
  };
}
