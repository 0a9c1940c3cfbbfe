import type { SQLInputValue } from "node:sqlite";
import { type HistoryEvent, type RuntimeStatus, terminalStates } from "../durable/events.ts";
import { createSequence, type Sequence } from "../durable/sequence.ts";
import type { Database } from "./open.ts";

/** One orchestration instance. Times are in milliseconds since the Unix epoch. */
export interface Instance {
  readonly id: string;
  readonly name: string;
  readonly execution: string;
  readonly status: RuntimeStatus;
  /** JSON text, as are output and custom status. */
  readonly input: string;
  readonly output: string | null;
  readonly customStatus: string | null;
  readonly created: number;
  readonly updated: number;
  readonly sequence: Sequence;
  /** How the orchestrator function ended, while open tasks still keep the instance running. */
  readonly ended: Ended | null;
}

export interface Ended {
  readonly status: "Completed" | "Failed" | "ContinuedAsNew";
  /** JSON text. */
  readonly value: string;
}

/** Which instances a listing returns. */
export interface InstanceFilter {
  readonly statuses?: readonly string[];
  readonly createdFrom?: number;
  readonly createdTo?: number;
}

/** The sender of an instance's first event. Nothing else for the instance is visible before it. */
const START = "";
/** The sender of everything that the management API delivers. */
export const OUTSIDE = "outside";

type Row = Record<string, string | number | null>;

/** Creates access to the tables of instances, their histories and the events that wait for them. */
export function openInstanceTables({ sql }: Database) {
  const insert = sql.prepare("INSERT INTO instances VALUES (?, ?, ?, 'Pending', NULL, NULL, ?, ?, ?, NULL)");
  // In its own table, because it is large and does not change, and every episode writes the
  // instance's row.
  const insertInput = sql.prepare("INSERT OR REPLACE INTO inputs VALUES (?, ?)");
  const withInputs = "SELECT instances.*, input FROM instances JOIN inputs ON inputs.instance = id";
  const select = sql.prepare(`${withInputs} WHERE id = ?`);
  const update = sql.prepare(
    "UPDATE instances SET execution = ?, status = ?, output = ?, custom_status = ?, updated = ?, sequence = ?, ended = ? WHERE id = ?",
  );
  const episodes = sql.prepare("SELECT events FROM history WHERE instance = ? ORDER BY episode");
  const append = sql.prepare("INSERT INTO history (instance, events) VALUES (?, ?)");
  // An event is never visible before the instance's start, or before earlier events from the same
  // sender to the same instance.
  const deliver = sql.prepare(
    `INSERT INTO inbox (instance, event, sender, visible_at) VALUES (:instance, :event, :sender,
      max(:visibleAt, coalesce((SELECT max(visible_at) FROM inbox WHERE instance = :instance AND sender IN (:sender, '')), 0)))`,
  );
  const next = sql.prepare("SELECT id, event, visible_at AS visibleAt FROM inbox WHERE instance = ? ORDER BY visible_at, id LIMIT 1");
  const take = sql.prepare("UPDATE inbox SET taken_until = ? WHERE id = ?");
  const replaceStart = sql.prepare("UPDATE inbox SET event = ? WHERE instance = ? AND sender = ''");
  const show = sql.prepare("UPDATE instances SET execution = ? WHERE id = ?");
  // Results and timers belong to one execution. External events belong to the instance.
  const dropResults = sql.prepare("DELETE FROM inbox WHERE instance = ? AND event ->> 'EventType' IN (5, 6, 11)");
  const drop = sql.prepare("DELETE FROM inbox WHERE id = ?");
  const waiting = sql.prepare("SELECT DISTINCT instance FROM inbox");
  const clear = sql.prepare("DELETE FROM history WHERE instance = ?");
  const remove = [
    "instances WHERE id",
    "inputs WHERE instance",
    "history WHERE instance",
    "inbox WHERE instance",
    "work WHERE instance",
    "timers WHERE instance",
  ].map((rows) => sql.prepare(`DELETE FROM ${rows} = ?`));

  return {
    /** Adds an instance. Replaces an instance of this id that has ended. */
    create(id: string, name: string, execution: string, input: string, now: number) {
      for (const statement of remove) statement.run(id);
      insert.run(id, name, execution, now, now, JSON.stringify(createSequence()));
      insertInput.run(id, input);
    },
    get(id: string): Instance | undefined {
      const row = select.get(id) as Row | undefined;
      return row && instanceOf(row);
    },
    save({ id, execution, status, output, customStatus, updated, sequence, ended }: Instance) {
      update.run(execution, status, output, customStatus, updated, JSON.stringify(sequence), ended && JSON.stringify(ended), id);
    },
    /**
     * Returns one page of instances by creation time. `after` is the last one of the page before.
     */
    list(
      { statuses = [], createdFrom = 0, createdTo = Number.MAX_SAFE_INTEGER }: InstanceFilter,
      limit: number,
      after?: { created: number; id: string },
    ): Instance[] {
      const only = statuses.length > 0 ? `AND status IN (${statuses.map(() => "?").join()})` : "";
      const from = after ?? { created: -1, id: "" };
      const values: SQLInputValue[] = [createdFrom, createdTo, from.created, from.id, ...statuses, limit];
      const page = sql.prepare(
        `${withInputs} WHERE created BETWEEN ? AND ? AND (created, id) > (?, ?) ${only} ORDER BY created, id LIMIT ?`,
      );
      return (page.all(...values) as Row[]).map(instanceOf);
    },
    history: (id: string): HistoryEvent[] =>
      (episodes.all(id) as Row[]).flatMap(({ events }) => JSON.parse(String(events)) as HistoryEvent[]),
    /** Adds the events of one episode. */
    append: (id: string, events: readonly HistoryEvent[]) => void append.run(id, JSON.stringify(events)),
    /**
     * Restarts an instance with another input and no history. Results of its former execution do
     * not reach it.
     */
    renew(id: string, input: string) {
      clear.run(id);
      dropResults.run(id);
      insertInput.run(id, input);
    },
    setInput: (id: string, input: string) => void insertInput.run(id, input),
    /** Makes the status show another start than the one that the instance waits for. */
    show(id: string, execution: string, input: string) {
      show.run(execution, id);
      insertInput.run(id, input);
    },
    /** Delivers the first event of an execution. */
    deliverStart: (id: string, event: HistoryEvent, visibleAt: number) =>
      void deliver.run({ instance: id, event: JSON.stringify(event), sender: START, visibleAt }),
    /** Replaces the first event that waits. */
    replaceStart: (id: string, event: HistoryEvent) => void replaceStart.run(JSON.stringify(event), id),
    /** Delivers an event from `sender` that is visible from `visibleAt` on. */
    deliver: (id: string, event: HistoryEvent, sender: string, visibleAt: number) =>
      void deliver.run({ instance: id, event: JSON.stringify(event), sender, visibleAt }),
    /** Returns the event that becomes visible first, even if it is not visible yet. */
    nextEvent(id: string): { row: number; event: HistoryEvent; visibleAt: number } | undefined {
      const row = next.get(id) as Row | undefined;
      return (
        row && { row: Number(row["id"]), event: JSON.parse(String(row["event"])) as HistoryEvent, visibleAt: Number(row["visibleAt"]) }
      );
    },
    /** Stores until when a process has taken this event. 0 stores nothing. */
    take(row: number, until: number) {
      if (until > 0) take.run(until, row);
    },
    dropEvent: (row: number) => void drop.run(row),
    /** Returns the instances with undelivered events. */
    waiting: (): string[] => (waiting.all() as Row[]).map(({ instance }) => String(instance)),
    /** Removes an instance with all its data. */
    purge(id: string) {
      for (const statement of remove) statement.run(id);
    },
  };
}

/** Returns true if an instance has ended. */
export function hasEnded({ status }: Instance): boolean {
  return terminalStates.includes(status);
}

function instanceOf(row: Row): Instance {
  const text = (name: string) => (row[name] === null ? null : String(row[name]));
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    execution: String(row["execution"]),
    status: String(row["status"]) as RuntimeStatus,
    input: String(row["input"]),
    output: text("output"),
    customStatus: text("custom_status"),
    created: Number(row["created"]),
    updated: Number(row["updated"]),
    sequence: JSON.parse(String(row["sequence"])) as Sequence,
    ended: row["ended"] === null ? null : (JSON.parse(String(row["ended"])) as Ended),
  };
}
