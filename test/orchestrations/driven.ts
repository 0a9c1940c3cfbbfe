import assert from "node:assert/strict";
import { createManualClock, type ManualClock } from "../../local/clock.ts";
import { provisionVpnConnection } from "../../orchestrations/provision-vpn-connection.ts";
import type { Completion } from "../../shared/contract/completion.ts";
import type { HandOverAnswerInput, PollOperationInput } from "../../shared/durable/activities.ts";
import type { AnswerInput } from "../../shared/durable/answer.ts";
import { type Claim, claimOperations, claimViewOf, noClaim } from "../../shared/durable/claim.ts";
import { freeGateway, type Gateway, gatewayOperations, gatewayResultOf } from "../../shared/durable/gateway.ts";
import type { ProvisioningRequest } from "../../shared/durable/request.ts";
import type { Settled } from "../../shared/durable/settled.ts";
import { beginning, begun, copied, type Happened, type Orchestrator, replayed, type Task } from "./replayed.ts";

export { beginning };

/** What the orchestration did: called an activity, asked an entity, or waited. */
export type Step =
  | { readonly does: "call"; readonly name: string; readonly input: unknown }
  | { readonly does: "ask" | "signal"; readonly entity: string; readonly operation: string }
  | { readonly does: "wait"; readonly seconds: number };

/**
 * Plays the part of an activity: a settled answer, or an Error for what its retries could not mend.
 */
export type Play = (name: string, input: never, nth: number) => Settled<unknown> | Error | Promise<Settled<unknown> | Error>;

/**
 * Plays the step that sees the end of a change: it also reads the connection, which is the first
 * result of verifyConnection.
 */
export function verifying(play: Play): Play {
  return async (name, input, nth) => {
    if (name === "verifyConnection") return play(name, input, nth + 1);
    const settled = await play(name, input, nth);
    if (!settled || settled instanceof Error || !("ok" in settled)) return settled;
    const result = settled.ok as { readonly done?: boolean; readonly status?: string; readonly verification?: unknown };
    const isOver = name === "pollOperation" ? result.done && !(input as PollOperationInput).ofAnother : result.status === "done";
    if (!isOver || result.verification) return settled;
    const verification = await play("verifyConnection", input, 1);
    return verification instanceof Error ? verification : { ...settled, ok: { ...result, verification } };
  };
}

/**
 * The entities as the orchestration finds them; it changes them by the product's own operations.
 */
export interface World {
  gateway: Gateway;
  readonly claims: Map<string, Claim>;
  /**
   * Events that are raised from outside: at a time in milliseconds since the Unix epoch, or when
   * the condition holds, while the orchestration waits.
   */
  readonly raises: { readonly event: string; readonly when: (time: number, world: World) => boolean }[];
}

/** A world in which nobody else is. */
export function emptyWorld(): World {
  return { gateway: freeGateway, claims: new Map(), raises: [] };
}

/**
 * Drives a real orchestration by hand: activities are played, entities are the real operations on a
 * world, timers jump the clock. The whole history is replayed against a fresh generator again and
 * again, as the host does, and must lead to the same next task.
 */
export async function drive(
  request: ProvisioningRequest,
  play: Play,
  {
    world = emptyWorld(),
    orchestrator = provisionVpnConnection,
    mostSteps = 2_000,
    clock = createManualClock(beginning),
    proven = 150,
    handOverFails = false,
    failing = () => false,
    earlySeconds = () => request.policy.timersFireEarlySeconds,
  }: {
    world?: World;
    orchestrator?: Orchestrator;
    mostSteps?: number;
    /** Shows the orchestration's time to whoever plays; an activity that takes time moves it. */
    clock?: ManualClock;
    /** After how many steps a replay is to prove only every fiftieth, and the end. */
    proven?: number;
    /** An answer cannot be handed over to its own instance. */
    handOverFails?: boolean;
    /**
     * Operations of entities that fail without an effect, by name and how often they were asked
     * for.
     */
    failing?: (operation: string, nth: number) => boolean;
    /** How early each timer fires: as early as the policy says that it may. */
    earlySeconds?: () => number;
  } = {},
) {
  const history: Happened[] = [];
  const steps: Step[] = [];
  const calls = new Map<string, number>();
  let time = beginning;
  let answeredAt = beginning;

  const firesAt = ({ until }: { readonly until: number }) => Math.max(until - earlySeconds() * 1000, time);

  /** Lets one task happen; answers its result, for an `any` the index of the child that won. */
  async function happen(task: Task): Promise<unknown> {
    if ("any" in task) {
      const timer = task.any.findIndex((child) => "until" in child);
      const until = firesAt(task.any[timer] as { until: number });
      const raised = await raisedBefore(task, until);
      if (raised >= 0) return raised;
      await happen(task.any[timer] as Task);
      return timer;
    }
    if ("until" in task) {
      assert.ok(task.until >= time, "a timer in the past");
      const at = firesAt(task);
      steps.push({ does: "wait", seconds: (at - time) / 1000 });
      time = at;
      return undefined;
    }
    if ("entity" in task) {
      steps.push({ does: "ask", entity: task.entity, operation: task.operation });
      const nth = (calls.get(task.operation) ?? 0) + 1;
      calls.set(task.operation, nth);
      if (failing(task.operation, nth)) return new Error("the entity function failed");
      return ask(task);
    }
    if ("event" in task) throw new Error(`Nobody raises ${task.event}, and no timer runs beside it`);
    if (task.name === "handOverAnswer") return answerApart((task.input as HandOverAnswerInput).answer);
    const nth = (calls.get(task.name) ?? 0) + 1;
    calls.set(task.name, nth);
    steps.push({ does: "call", name: task.name, input: task.input });
    clock.advanceTo(time);
    const result = await play(task.name, task.input as never, nth);
    time = clock.now() + 10;
    if (task.name === "publishCompletion") answeredAt = time;
    return result;
  }

  /**
   * Plays the instance that an answer is handed over to: it publishes at once, and its own waits
   * take no time here.
   */
  async function answerApart({ claimId, completion }: AnswerInput): Promise<Settled<unknown> | Error> {
    if (handOverFails) return new Error("the store is away");
    for (let nth = 1; ; nth++) {
      clock.advanceTo(time);
      const settled = await play("publishCompletion", completion as never, nth);
      if (settled instanceof Error || !("ok" in settled)) continue;
      steps.push({ does: "call", name: "publishCompletion", input: completion });
      answeredAt = time;
      world.claims.set(claimId, claimOperations.sent(world.claims.get(claimId) ?? noClaim));
      return settled;
    }
  }

  /** Looks second by second whether one of the events is raised while the timer runs. */
  async function raisedBefore({ any }: { any: readonly Task[] }, until: number): Promise<number> {
    for (let at = time; world.raises.length > 0 && at < until; at += 1000) {
      const index = world.raises.findIndex(
        ({ event, when }) => any.some((child) => "event" in child && child.event === event) && when(at, world),
      );
      if (index < 0) continue;
      const [{ event }] = world.raises.splice(index, 1) as [World["raises"][number]];
      steps.push({ does: "wait", seconds: (at - time) / 1000 });
      time = at;
      return any.findIndex((child) => "event" in child && child.event === event);
    }
    return -1;
  }

  function ask({ entity, key, operation, input }: Extract<Task, { entity: string }>): unknown {
    if (entity === "gateway") {
      const before = world.gateway;
      world.gateway = gatewayOperations[operation as keyof typeof gatewayOperations](before, input);
      return gatewayResultOf(world.gateway, input, before);
    }
    const before = world.claims.get(key) ?? noClaim;
    const claim = claimOperations[operation as keyof typeof claimOperations](before, input);
    world.claims.set(key, claim);
    return claimViewOf(claim, before, operation);
  }

  const run = begun(orchestrator, request);
  for (;;) {
    for (const signal of run.signals.splice(0)) {
      steps.push({ does: "signal", entity: signal.entity, operation: signal.operation });
      ask(signal);
    }
    // Each step of a long history would take ever longer to prove the same.
    if (history.length < proven || history.length % 50 === 0 || !run.task()) {
      const again = replayed(orchestrator, request, history);
      assert.equal(JSON.stringify(again.task()), JSON.stringify(run.task()), "a replay came to something else");
      assert.deepEqual(again.statuses, run.statuses);
    }
    const task = run.task();
    if (!task) {
      const published = steps.findLast((step) => step.does === "call" && step.name === "publishCompletion");
      const completion = (published as { input: Completion } | undefined)?.input as Completion;
      return { completion, output: run.output(), steps, statuses: run.statuses, time, answeredAt, world };
    }
    assert.ok(steps.length < mostSteps, `no end after ${mostSteps} steps`);
    const given = await happen(task);
    const result = given === undefined ? undefined : copied(given);
    history.push({ task: JSON.stringify(task), result, time });
    run.feed(result, time);
  }
}
