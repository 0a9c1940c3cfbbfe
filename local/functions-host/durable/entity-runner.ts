import { functionsOf } from "../app/load-app.ts";
import type { EngineContext } from "./engine-context.ts";
import { eventType } from "./events.ts";
import { createRunner } from "./runner.ts";

interface BatchResult {
  readonly entityExists: boolean;
  readonly entityState?: string;
  readonly results: readonly { readonly isError: boolean; readonly result?: string }[];
  readonly signals: readonly {
    readonly target: { readonly name: string; readonly key: string };
    readonly name: string;
    readonly input?: string;
  }[];
}

/**
 * Creates the runner of entities. Each entity runs one batch at a time. The batch's responses,
 * state and signals are stored together.
 */
export function createEntityRunner(context: EngineContext) {
  const { app, clock, database, entities, alarms, roughness } = context;
  const known = new Map(functionsOf(app, "entityTrigger").map((target) => [target.name.toLowerCase(), target]));
  const runner = createRunner(Number.POSITIVE_INFINITY, async (id) => {
    const queued = context.stopped() || context.draining() ? [] : entities.queued(id);
    const [first] = queued;
    if (!first) return;
    const now = clock.now();
    if (first.visibleAt > now) return alarms.set(`entity ${id}`, first.visibleAt, () => runner.wake(id));
    const batch = queued.filter(({ visibleAt }) => visibleAt <= now);
    entities.take(batch, roughness.takenMessageComesBackAt());
    const self = selfOf(id);
    const target = known.get(self.name);
    const state = entities.state(id);
    const operations = batch.map(({ message }) => ({ name: message.operation, input: message.input, isSignal: message.caller === null }));
    let result: BatchResult;
    try {
      if (!target) throw new Error(`No entity function is named ${self.name}`);
      const { returned } = await app.invoke(target, {
        trigger: { string: JSON.stringify({ self, exists: state !== undefined, state: state ?? null, batch: operations }) },
      });
      result = JSON.parse(String(returned?.json)) as BatchResult;
    } catch (error) {
      app.log({
        level: "error",
        category: "host",
        function: self.name,
        message: `Entity ${id} failed: ${error instanceof Error ? error.stack : error}`,
      });
      // If a batch fails as a whole, the framework sends an error to every caller and keeps the old
      // state.
      const failed = batch.map(() => ({ isError: true, result: JSON.stringify({ message: "the entity function failed" }) }));
      result = { entityExists: state !== undefined, ...(state === undefined ? {} : { entityState: state }), results: failed, signals: [] };
    }
    if (context.stopped()) return;
    database.transaction(() => {
      entities.setState(id, result.entityExists ? (result.entityState ?? "null") : undefined);
      for (const [index, { row, message }] of batch.entries()) {
        entities.drop(row);
        const answer = result.results[index];
        if (message.caller === null) continue;
        const input = JSON.stringify({ result: answer?.result ?? null, ...(answer?.isError ? { exceptionType: "Error" } : {}) });
        context.post(message.caller, { EventType: eventType.EventRaised, EventId: -1, Name: message.id, Input: input }, id);
      }
      for (const [index, signal] of result.signals.entries()) {
        const input = signal.input === undefined || signal.input === "" ? null : signal.input;
        const sent = { id: `${first.message.id}.${index}`, operation: signal.name, input, caller: null };
        entities.queue(entityIdOf(signal.target.name, signal.target.key), sent, id, roughness.messageComesAt());
      }
    });
    for (const { message } of batch) if (message.caller) context.wake.instance(message.caller);
    for (const { target: to } of result.signals) runner.wake(entityIdOf(to.name, to.key));
    runner.wake(id);
  });
  return { wake: runner.wake, idle: runner.idle, knows: (name: string) => known.has(name.toLowerCase()) };
}

/** Returns the scheduler id of an entity. Names have no case; entity keys have. */
export function entityIdOf(name: string, key: string): string {
  return `@${name.toLowerCase()}@${key}`;
}

function selfOf(id: string): { name: string; key: string } {
  const at = id.indexOf("@", 1);
  return { name: id.slice(1, at), key: id.slice(at + 1) };
}
