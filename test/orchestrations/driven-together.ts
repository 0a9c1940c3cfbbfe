import assert from "node:assert/strict";
import { answerMessage } from "../../orchestrations/answer-message.ts";
import type { Completion } from "../../shared/contract/completion.ts";
import { problem } from "../../shared/contract/problem.ts";
import { rejectionOf } from "../../shared/contract/rejection.ts";
import type { ConnectionInput, HandOverAnswerInput, WakeInstancesInput } from "../../shared/durable/activities.ts";
import { type Claim, claimOperations, claimViewOf, noClaim } from "../../shared/durable/claim.ts";
import { gatewayEntityKey } from "../../shared/durable/entity-keys.ts";
import { freeGateway, type Gateway, gatewayOperations, gatewayResultOf } from "../../shared/durable/gateway.ts";
import { answerInstanceIdOf } from "../../shared/durable/instance-id.ts";
import type { ProvisioningRequest } from "../../shared/durable/request.ts";
import type { Settled } from "../../shared/durable/settled.ts";
import { type Waiter, waiterOf } from "../../shared/durable/waiting.ts";
import { TIMERS_FIRE_EARLY_SECONDS } from "../../shared/policy.ts";
import { type Plan, playedAzure } from "./azure-played.ts";
import { beginning, begun, copied, type Happened, type Orchestrator, replayed, type Task } from "./replayed.ts";

/** One orchestration that will run. */
export interface Arrival {
  readonly orchestrator: Orchestrator;
  readonly input: ProvisioningRequest;
  readonly plan?: Plan;
  /** Whether somebody may terminate it. */
  readonly mayBeTerminated?: boolean;
}

interface Instance extends Arrival {
  readonly startedAt: number;
  readonly run: ReturnType<typeof begun>;
  readonly history: Happened[];
  status: "running" | "completed" | "failed" | "terminated";
  /** How often an event came that nobody has waited for yet. */
  readonly early: Map<string, number>;
  /**
   * Waits for an event, the latest last: the SDK hands an event to the latest, even one whose `any`
   * is over.
   */
  readonly waits: Map<string, Task[]>;
  /** The task has come to its end, and the orchestration has not heard of it. */
  ended: { readonly result: unknown } | undefined;
}

interface Move {
  readonly text: string;
  /** Steps are made until none is left, when all goes well; then time goes on. */
  readonly kind: "step" | "fault" | "time";
  readonly make: () => void;
}

/**
 * Drives real orchestrations together in one world. `choices` decides what happens next, one number
 * a move: who moves, what is lost, doubled or late, who is terminated, whether time goes on
 * although others could move. Behind its end all goes well, and everything comes to its end; `last`
 * comes then.
 */
export function driveTogether(
  arrivals: readonly Arrival[],
  choices: readonly number[] = [],
  {
    faults = 6,
    mostMoves = 20_000,
    last = [],
    brokerBackAt = 0,
    suspended = () => false,
  }: {
    faults?: number;
    mostMoves?: number;
    last?: readonly Arrival[];
    /** Until then the broker takes nothing. */
    brokerBackAt?: number;
    /** Whether an instance is shown as suspended at a time. */
    suspended?: (instanceId: string, time: number) => boolean;
  } = {},
) {
  let time = beginning;
  let faultsLeft = faults;
  const coming = [...arrivals];
  const behind = [...last];
  const instances = new Map<string, Instance>();
  const gateways = new Map<string, Gateway>();
  const claims = new Map<string, Claim>();
  /** Events on their way, and operations on entities that outlive whoever asked for them. */
  const messages: { readonly text: string; readonly mayBeLost: boolean; readonly deliver: () => void }[] = [];
  const published = new Map<string, Set<string>>();
  const trace: string[] = [];
  const azure = playedAzure(
    () => time,
    (instanceId) => instances.get(instanceId)?.plan ?? { operationSeconds: 30 },
  );
  // As early as the policy of these requests says that timers may fire.
  const firesAt = ({ until }: { readonly until: number }) => until - TIMERS_FIRE_EARLY_SECONDS * 1000;
  const alive = (instanceId: string) => instances.get(instanceId)?.status === "running";

  const activities: Readonly<Record<string, (input: never) => Settled<unknown>>> = {
    ...azure.activities,
    inspectInstance({ instanceId, event }: { instanceId: string; event: string | null }) {
      if (alive(instanceId) && event !== null) {
        const deliver = () => raise(instances.get(instanceId) as Instance, event);
        messages.push({ text: `${event} for ${instanceId}`, mayBeLost: true, deliver });
      }
      return { ok: { alive: alive(instanceId), ...(suspended(instanceId, time) ? { suspended: true } : {}) } };
    },
    wakeInstances({ instances: waiting }: WakeInstancesInput) {
      for (const { instanceId, event } of waiting) activities["inspectInstance"]?.({ instanceId, event } as never);
      return { ok: true };
    },
    handOverAnswer({ instanceId, answer }: HandOverAnswerInput) {
      if (!alive(instanceId)) begin({ orchestrator: answerMessage, input: { instanceId, ...answer } as unknown as ProvisioningRequest });
      return { ok: true };
    },
    publishCompletion(completion: Completion) {
      const { id } = completion.event;
      if (time < brokerBackAt) return { later: { class: "broker", problem: problem("ServiceUnavailable", "away") } };
      published.set(id, (published.get(id) ?? new Set()).add(JSON.stringify(completion)));
      return { ok: true };
    },
  };

  function begin(arrival: Arrival): void {
    const run = begun(arrival.orchestrator, arrival.input, time);
    const bookkeeping = { startedAt: time, history: [], early: new Map(), waits: new Map() };
    const instance: Instance = { ...arrival, run, ...bookkeeping, status: "running", ended: undefined };
    instances.set(arrival.input.instanceId, instance);
    sendSignals(instance);
    await_(instance);
  }

  /** A signal is on its way even if the instance ends at once. */
  function sendSignals({ run, input }: Instance): void {
    for (const signal of run.signals.splice(0))
      messages.push({ text: `${signal.operation} of ${input.instanceId}`, mayBeLost: false, deliver: () => void ask(signal) });
  }

  /** Begins to wait for the events of a new task; one that came early ends it at once. */
  function await_(instance: Instance): void {
    instance.ended = undefined;
    const task = instance.run.task();
    if (!task || !("any" in task)) return;
    for (const child of task.any) {
      if (!("event" in child)) continue;
      instance.waits.set(child.event, [...(instance.waits.get(child.event) ?? []), child]);
      const early = instance.early.get(child.event) ?? 0;
      if (early === 0) continue;
      instance.early.set(child.event, early - 1);
      raise(instance, child.event);
    }
  }

  function raise(instance: Instance, event: string): void {
    const wait = instance.waits.get(event)?.pop();
    const task = instance.run.task();
    if (!wait) instance.early.set(event, (instance.early.get(event) ?? 0) + 1);
    else if (task && "any" in task && task.any.includes(wait)) instance.ended ??= { result: task.any.indexOf(wait) };
  }

  function resume(instance: Instance, result: unknown): void {
    const task = JSON.stringify(instance.run.task());
    const kept = result === undefined ? undefined : copied(result);
    instance.history.push({ task, result: kept, time });
    try {
      instance.run.feed(kept, time);
      if (!instance.run.task()) instance.status = "completed";
    } catch (error) {
      instance.status = "failed";
      trace.push(String(error));
    }
    sendSignals(instance);
    await_(instance);
  }

  function ask({ entity, key, operation, input }: Extract<Task, { entity: string }>): unknown {
    if (entity === "request") {
      const before = claims.get(key) ?? noClaim;
      const claim = claimOperations[operation as keyof typeof claimOperations](before, input);
      claims.set(key, claim);
      return claimViewOf(claim, before, operation);
    }
    const before = gateways.get(key) ?? freeGateway;
    const gateway = gatewayOperations[operation as keyof typeof gatewayOperations](before, input);
    gateways.set(key, gateway);
    const { holder } = gateway;
    if (holder && holder.instanceId !== before.holder?.instanceId)
      assert.ok(
        gateway.waiting.every((row) => comesBefore(holder, waiterOf(row))),
        `${holder.instanceId} was granted the lease before its turn`,
      );
    return gatewayResultOf(gateway, input, before);
  }

  function movesOf(instance: Instance): Move[] {
    const task = instance.run.task();
    if (instance.status !== "running" || !task) return [];
    const { instanceId } = instance.input;
    const step = (text: string, make: () => void): Move[] => [{ text: `${instanceId}: ${text}`, kind: "step", make }];
    const { ended } = instance;
    if (ended) return step("goes on", () => resume(instance, ended.result));
    if ("any" in task) {
      const timer = task.any.findIndex((child) => "until" in child && firesAt(child) <= time);
      return timer < 0 ? [] : step("has waited", () => resume(instance, timer));
    }
    if ("until" in task) return firesAt(task) > time ? [] : step("has waited", () => resume(instance, undefined));
    const end = (result: unknown) => {
      instance.ended = { result };
    };
    if ("entity" in task) return step(`${task.operation} of ${task.entity}`, () => end(ask(task)));
    if ("event" in task) throw new Error(`${instanceId} waits for ${task.event} without an end`);
    const moves = step(task.name, () => end(call(instanceId, task)));
    if (faultsLeft === 0 || task.name === "publishCompletion") return moves;
    const fail = (when: string, make: () => void): Move => ({ text: `${instanceId}: ${task.name} fails ${when}`, kind: "fault", make });
    const failure = new Error("nobody foresaw it");
    return [
      ...moves,
      fail("at once", () => end(failure)),
      fail("when it has done all", () => {
        call(instanceId, task);
        end(failure);
      }),
    ];
  }

  function call(instanceId: string, { name, input }: Extract<Task, { name: string }>): Settled<unknown> {
    if (name === "putConnection") {
      const { target } = input as ConnectionInput;
      assert.equal(gateways.get(gatewayEntityKey(target))?.holder?.instanceId, instanceId, "whoever writes holds the lease");
    }
    return (activities[name] as (given: unknown) => Settled<unknown>)(input);
  }

  /**
   * Ends an instance from outside; an operation on an entity that it has sent is carried out all
   * the same.
   */
  function terminate(instance: Instance): void {
    const task = instance.run.task();
    instance.status = "terminated";
    if (task && "entity" in task && !instance.ended)
      messages.push({ text: `${task.operation} of ${instance.input.instanceId}`, mayBeLost: false, deliver: () => void ask(task) });
  }

  /**
   * What the sweeper does with a request that ended from outside: somebody else gives its answer.
   */
  function sweep({ input }: Instance): void {
    const { instanceId, fingerprints } = input;
    const completion = rejectionOf(`${instanceId}.completed`, input, problem("Interrupted", "ended from outside"), new Date(time));
    const answer = { instanceId: answerInstanceIdOf(instanceId), claimId: instanceId, fingerprints, completion };
    begin({ orchestrator: answerMessage, input: answer as unknown as ProvisioningRequest });
  }

  function moves(): Move[] {
    const found: Move[] = [...instances.values()].flatMap(movesOf);
    for (const arrival of coming) {
      const make = () => begin(coming.splice(coming.indexOf(arrival), 1)[0] as Arrival);
      found.push({ text: `${arrival.input.instanceId} arrives`, kind: "step", make });
    }
    for (const message of messages) {
      const take = () => messages.splice(messages.indexOf(message), 1);
      found.push({
        text: `comes: ${message.text}`,
        kind: "step",
        make() {
          take();
          message.deliver();
        },
      });
      if (!message.mayBeLost || faultsLeft === 0) continue;
      found.push({ text: `gets lost: ${message.text}`, kind: "fault", make: take });
      found.push({ text: `comes twice: ${message.text}`, kind: "fault", make: () => messages.push({ ...message, mayBeLost: false }) });
    }
    for (const instance of instances.values()) {
      const { instanceId } = instance.input;
      if (instance.status === "terminated" && !claims.get(instanceId)?.sent && !alive(answerInstanceIdOf(instanceId)))
        found.push({ text: `${instanceId} is swept`, kind: "step", make: () => sweep(instance) });
      if (instance.status === "running" && instance.mayBeTerminated && faultsLeft > 0)
        found.push({ text: `${instanceId} is terminated`, kind: "fault", make: () => terminate(instance) });
    }
    const due = [...instances.values()].flatMap(dueOf).filter((at) => at > time);
    if (due.length > 0) {
      const next = Math.min(...due);
      const make = () => {
        time = next;
      };
      found.push({ text: `${(next - beginning) / 1000} s`, kind: "time", make });
    }
    return found;
  }

  function dueOf({ status, run }: Instance): number[] {
    const task = run.task();
    if (status !== "running" || !task) return [];
    return ("any" in task ? task.any : [task]).flatMap((child) => ("until" in child ? [firesAt(child)] : []));
  }

  try {
    for (let made = 0; ; made++) {
      const move = chosen(moves(), behind.length > 0 || last.length === 0 ? choices[made] : undefined);
      if (!move && behind.length > 0) {
        coming.push(...behind.splice(0));
        continue;
      }
      if (!move) break;
      assert.ok(made < mostMoves, `no end after ${mostMoves} moves`);
      trace.push(move.text);
      if (move.kind === "fault") faultsLeft--;
      time += 1;
      move.make();
    }
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${trace.slice(-200).join("\n")}`, { cause: error });
  }
  for (const { orchestrator, input, history, startedAt, status, run } of instances.values()) {
    if (status === "failed") continue;
    const again = replayed(orchestrator, input, history, startedAt);
    assert.deepEqual([again.task(), again.statuses], [run.task(), run.statuses], "a replay came to something else");
  }
  return { instances, gateways, claims, published, operations: azure.operations, trace, time };
}

/** One move in eight is a fault, so that there are some left when it gets interesting. */
function chosen(possible: readonly Move[], choice: number | undefined): Move | undefined {
  const of = (...kinds: readonly Move["kind"][]) => possible.filter(({ kind }) => kinds.includes(kind));
  if (choice === undefined) return of("step")[0] ?? of("time")[0];
  const faults = choice % 8 === 0 ? of("fault") : [];
  const pool = faults.length > 0 ? faults : of("step", "time");
  return pool[Math.floor(choice / 8) % pool.length];
}

function comesBefore(one: Waiter, other: Waiter): boolean {
  const order = Date.parse(one.enqueuedAt) - Date.parse(other.enqueuedAt);
  return order !== 0 ? order < 0 : Number(one.sequenceNumber) <= Number(other.sequenceNumber);
}
