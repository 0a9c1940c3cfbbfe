import type { SQLInputValue } from "node:sqlite";
import { type HistoryEvent, type RuntimeStatus, terminalStates } from "../durable/events.ts";
import { newSequence, type Sequence } from "../durable/sequence.ts";
import type { Database } from "./open.ts";

/** One orchestration instance; times in milliseconds since the Unix epoch. */
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
  /** How the orchestrator function ended, while tasks that it left open hold the instance back. */
  readonly ended: Ended | null;
}

export interface Ended {
  readonly status: "Completed" | "Failed" | "ContinuedAsNew";
  /** JSON text. */
  readonly value: string;
}

/** Which instances a listing shows. */
export interface InstanceFilter {
  readonly statuses?: readonly string[];
  readonly createdFrom?: number;
  readonly createdTo?: number;
}

/** The sender of an instance's first event: nothing else for the instance can be seen before it. */
const START = "";
/** The sender of what the management API delivers. */
export const OUTSIDE = "outside";

type Row = Record<string, string | number | null>;

/** The tables of instances, their histories and the events that wait for them. */
export function instanceTables({ sql }: Database) {
  const insert = sql.prepare("INSERT INTO instances VALUES (?, ?, ?, 'Pending', NULL, NULL, ?, ?, ?, NULL)");
  // Apart from the row that every episode writes: it is large and stays.
  const insertInput = sql.prepare("INSERT OR REPLACE INTO inputs VALUES (?, ?)");
  const withInputs = "SELECT instances.*, input FROM instances JOIN inputs ON inputs.instance = id";
  const select = sql.prepare(`${withInputs} WHERE id = ?`);
  const update = sql.prepare(
    "UPDATE instances SET execution = ?, status = ?, output = ?, custom_status = ?, updated = ?, sequence = ?, ended = ? WHERE id = ?",
  );
  const episodes = sql.prepare("SELECT events FROM history WHERE instance = ? ORDER BY episode");
  const append = sql.prepare("INSERT INTO history (instance, events) VALUES (?, ?)");
  // Nothing overtakes what its sender sent to the same instance before, nor the instance's start.
  const deliver = sql.prepare(
    `INSERT INTO inbox (instance, event, sender, visible_at) VALUES (:instance, :event, :sender,
      max(:visibleAt, coalesce((SELECT max(visible_at) FROM inbox WHERE instance = :instance AND sender IN (:sender, '')), 0)))`,
  );
  const next = sql.prepare("SELECT id, event, visible_at AS visibleAt FROM inbox WHERE instance = ? ORDER BY visible_at, id LIMIT 1");
  const take = sql.prepare("UPDATE inbox SET taken_until = ? WHERE id = ?");
  const replaceStart = sql.prepare("UPDATE inbox SET event = ? WHERE instance = ? AND sender = ''");
  const show = sql.prepare("UPDATE instances SET execution = ? WHERE id = ?");
  // Results and timers are of one execution; events are of the instance.
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
    /** Adds an instance; one of the same id that has ended is replaced. */
    create(id: string, name: string, execution: string, input: string, now: number) {
      for (const statement of remove) statement.run(id);
      insert.run(id, name, execution, now, now, JSON.stringify(newSequence()));
      insertInput.run(id, input);
    },
    get(id: string): Instance | undefined {
      const row = select.get(id) as Row | undefined;
      return row && instanceOf(row);
    },
    save({ id, execution, status, output, customStatus, updated, sequence, ended }: Instance) {
      update.run(execution, status, output, customStatus, updated, JSON.stringify(sequence), ended && JSON.stringify(ended), id);
    },
    /** Instances by creation, a page at a time; `after` is the last one of the page before. */
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
     * Begins an instance anew, with another input and no history; results of what it was do not
     * reach it.
     */
    renew(id: string, input: string) {
      clear.run(id);
      dropResults.run(id);
      insertInput.run(id, input);
    },
    setInput: (id: string, input: string) => void insertInput.run(id, input),
    /** Shows another start than the one that an instance waits for. */
    show(id: string, execution: string, input: string) {
      show.run(execution, id);
      insertInput.run(id, input);
    },
    /** Delivers the first event of an execution. */
    deliverStart: (id: string, event: HistoryEvent, visibleAt: number) =>
      void deliver.run({ instance: id, event: JSON.stringify(event), sender: START, visibleAt }),
    /** Puts another first event in the place of the one that waits. */
    replaceStart: (id: string, event: HistoryEvent) => void replaceStart.run(JSON.stringify(event), id),
    /** Delivers an event of `sender`, which can be seen from `visibleAt` on. */
    deliver: (id: string, event: HistoryEvent, sender: string, visibleAt: number) =>
      void deliver.run({ instance: id, event: JSON.stringify(event), sender, visibleAt }),
    /** Returns the event that can be seen first, also when it cannot be seen yet. */
    nextEvent(id: string): { row: number; event: HistoryEvent; visibleAt: number } | undefined {
      const row = next.get(id) as Row | undefined;
      return (
        row && { row: Number(row["id"]), event: JSON.parse(String(row["event"])) as HistoryEvent, visibleAt: Number(row["visibleAt"]) }
      );
    },
    /** Notes that a process works on an event; 0 leaves no note. */
    take(row: number, until: number) {
      if (until > 0) take.run(until, row);
    },
    dropEvent: (row: number) => void drop.run(row),
    /** The instances that have undelivered events. */
    waiting: (): string[] => (waiting.all() as Row[]).map(({ instance }) => String(instance)),
    /** Removes an instance and everything of it. */
    purge(id: string) {
      for (const statement of remove) statement.run(id);
    },
  };
}

/** Whether an instance has ended. */
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
