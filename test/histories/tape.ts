import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { eventType, type HistoryEvent } from "../../local/functions-host/durable/events.ts";
import type { Taped } from "../../local/functions-host/extension/index.ts";
import type { Fixture } from "./fixture.ts";

/** What the Durable Task extension said to the app in one scenario. */
export interface Tape {
  /** The version of the extension. */
  readonly extension: string;
  /** Each orchestration of the scenario with its whole history. */
  readonly orchestrations: readonly (Fixture & {
    /** What its trigger was given beside history and input. */
    readonly envelope: Readonly<Record<string, unknown>>;
    readonly metadata: object;
  })[];
  /** The first batch of each entity with the same operations, and what the entity returned. */
  readonly entities: readonly {
    readonly function: string;
    readonly given: object;
    readonly metadata: object;
    readonly returned: unknown;
  }[];
  /** The first invocation of each activity, without its input. */
  readonly activities: readonly { readonly function: string; readonly metadata: object }[];
  /** The binding of the durable client. */
  readonly client: object;
}

const folder = join(import.meta.dirname, "extension");

/** Reads the tapes, by scenario. */
export function readTapes(): Readonly<Record<string, Tape>> {
  const files = globSync("*.json", { cwd: folder }).sort();
  return Object.fromEntries(files.map((file) => [basename(file, ".json"), JSON.parse(readFileSync(join(folder, file), "utf8")) as Tape]));
}

/** Writes a tape, without the signatures of operation URLs. Returns its size. */
export function writeTape(scenario: string, tape: Tape): number {
  const text = `${JSON.stringify(tape)}\n`.replaceAll(/([?&][a-z])=[\w-]{60,}/g, "$1=cut");
  writeFileSync(join(folder, `${scenario}.json`), text);
  return text.length;
}

/**
 * Makes the tape of a scenario from all that was taped. `instances` are the ids of its requests,
 * and `keys` those of its gateway and its connections.
 */
export function tapeOf(taped: readonly Taped[], extension: string, instances: readonly string[], keys: readonly string[]): Tape {
  const isOurs = (id: string) => keys.includes(id) || instances.some((instance) => id.startsWith(instance));
  const given = taped.map(({ trigger, invocation, outcome }) => ({
    trigger,
    function: invocation.function,
    metadata: withoutData(invocation.metadata),
    instance: String(invocation.metadata["instanceId"]?.string),
    input: JSON.parse(invocation.input ?? "null"),
    returned: outcome.type === "result" ? JSON.parse(outcome.returned) : null,
  }));
  const turns = given.filter(({ trigger, input }) => trigger === "orchestrationTrigger" && isOurs(input.instanceId));
  const last = new Map(turns.map((turn) => [turn.input.instanceId as string, turn]));
  const activities = given.filter(({ trigger, instance }) => trigger === "activityTrigger" && isOurs(instance));
  const [first] = taped;
  return {
    extension,
    orchestrations: [...last.values()]
      .filter(({ returned }) => returned?.isDone)
      .map(({ function: orchestration, metadata, input: { history, input, instanceId, ...envelope }, returned }) => ({
        orchestration,
        instanceId,
        input,
        history: history.map(withoutSent),
        customStatus: returned.customStatus ?? null,
        output: returned.output,
        envelope,
        metadata,
      })),
    entities: firstOfEach(
      given
        .filter(({ trigger, input }) => trigger === "entityTrigger" && isOurs(input.self.key))
        .map(({ function: name, input, metadata, returned }) => ({
          function: name,
          given: input,
          metadata,
          returned: withoutTimes(returned),
        })),
    ),
    activities: [...new Map(activities.map(({ function: name, metadata }) => [name, { function: name, metadata }])).values()],
    client: JSON.parse((first?.invocation.client ?? "{}").replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, "http://host")),
  };
}

/** Keeps one batch of each kind: the next ones say the same with other values. */
export function firstOfEach(batches: Tape["entities"]): Tape["entities"] {
  const kindOf = ({ function: name, given }: Tape["entities"][number]) =>
    [name, ...(given as { batch: { name: string }[] }).batch.map((operation) => operation.name)].join(" ");
  return batches.filter((batch, index) => batches.findIndex((other) => kindOf(other) === kindOf(batch)) === index);
}

/** What an orchestration has sent to an entity stands in the entity's own batch. */
export function withoutSent(event: HistoryEvent): HistoryEvent {
  if (event.EventType !== eventType.EventSent) return event;
  const message = JSON.parse(String(event["Input"])) as { input?: string };
  return { ...event, Input: JSON.stringify({ ...message, ...("input" in message ? { input: "" } : {}) }) };
}

/** The input of an activity stands in its metadata once more. */
function withoutData(metadata: Taped["invocation"]["metadata"]): object {
  return { ...metadata, ...("data" in metadata ? { data: { json: "" } } : {}) };
}

/** The SDK measures each operation. */
export function withoutTimes(returned: unknown): unknown {
  const { results = [], ...rest } = (returned ?? {}) as { results?: { duration?: number; startTime?: number }[] };
  return { ...rest, results: results.map(({ duration, startTime, ...result }) => result) };
}
