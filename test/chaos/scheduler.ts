import { setTimeout as pause } from "node:timers/promises";
import { instanceIdOf } from "../../shared/durable/instance-id.ts";
import { eventually } from "../support/eventually.ts";
import { leftovers } from "../support/leftovers.ts";
import { addressed, type Letter, sentOf, told } from "./letters.ts";
import type { Listed } from "./management.ts";
import { startWatchedStack } from "./outside.ts";
import type { Act, Moment, Plan, Step } from "./plan.ts";
import type { Sent, Terminated, Trace } from "./trace.ts";

/** Operations of half a minute pass in a third of a second. */
const SPEED = 100;
/** How long everything may take to become quiet, in real time. */
const QUIET_WITHIN_MS = 120_000;
const HOST_BACK_WITHIN_MS = 60_000;
const MOMENT_WITHIN_MS = 5_000;
const STILL_REFUSED_MS = 300;
/**
 * So many requests are on their way at once when all is quiet: more only wait for each other, on a
 * slow machine for longer than what they show takes.
 */
const AT_ONCE = 10;
const patient: readonly string[] = ["kill", "deadLetter", "terminate", "end"] satisfies Act["kind"][];

type Watched = Awaited<ReturnType<typeof startWatchedStack>>;

/** How a plan is carried out. */
interface Manner {
  /** Another app than the one that is built. */
  readonly app?: string;
  /** The seed of a rough durable engine. */
  readonly rough?: number | undefined;
  readonly tell?: (line: string) => void;
  readonly quietWithinMs?: number;
}

/**
 * Carries out a plan on its own stack, lets it become quiet, and answers what could be seen;
 * `tell` hears of everything that is done.
 */
export async function carryOut(plan: Plan, { app, rough, tell = () => {}, quietWithinMs = QUIET_WITHIN_MS }: Manner = {}): Promise<Trace> {
  const watched = await startWatchedStack({ speed: SPEED, rough, ...(app === undefined ? {} : { app }) });
  try {
    const beganAt = performance.now();
    const say = (line: string) => tell(`${((performance.now() - beganAt) / 1000).toFixed(2).padStart(6)} s  ${line}`);
    const done = doings(watched, say, quietWithinMs);
    const play = async (steps: readonly Step[], calmly = false) => {
      const from = performance.now();
      // What has to wait for the host, or for an answer, does not hold up the rest.
      const waiting: Promise<void>[] = [];
      for (const { at, act } of steps) {
        await pause(Math.max(0, from + at - performance.now()));
        if (calmly && at === 0) await done.fewerThan(AT_ONCE);
        if (patient.includes(act.kind)) waiting.push(done.carry(act));
        else await done.carry(act);
      }
      await Promise.all(waiting);
    };
    await watched.fillVault(plan.vault);
    await play(plan.steps);
    say("no more disturbances");
    await watched.script("DELETE");
    await watched.stack.broker.expireLocks();
    // What is not quiet by then will not be: nothing that is asked then would say more.
    let isQuiet = await done.quiet();
    for (const [index, wave] of plan.closing.entries()) {
      if (!isQuiet) break;
      // The first one has times to keep, and is small.
      await play(wave, index > 0);
      isQuiet = await done.quiet();
    }
    await watched.caughtUp();
    say(isQuiet ? "quiet" : "not quiet");

    const { received, waiting: seenWaiting, away, stack } = watched;
    const seen = await watched.lookAround(plan.gateways);
    const said = { "the management API": await watched.toldByManagement(), ...(await watched.stop()) };
    const left = { ...seen.left, processes: leftovers(stack.runId) };
    return {
      ...done.list,
      received,
      waiting: seenWaiting,
      away,
      secrets: plan.secrets,
      said,
      calls: seen.calls,
      signatures: seen.signatures,
      quarantined: seen.quarantined,
      nextNumber: seen.nextNumber,
      left,
    };
  } finally {
    await watched.stop();
  }
}

/** Everything that can be done to a stack, and the list of what was. */
function doings(watched: Watched, say: (line: string) => void, quietWithinMs: number) {
  const { stack } = watched;
  const sent: Sent[] = [];
  const terminated: Terminated[] = [];
  const killed: number[] = [];

  async function send(letter: Letter): Promise<void> {
    const { message, about } = addressed(letter, String(stack.endpoints.keyVault));
    const noted = sentOf({ message, about }, stack.clock.now());
    sent.push(noted);
    const attempt = async () => {
      // A send that was broken off may have arrived: what is sent again is one more repetition.
      await watched.sender.sendMessages(message);
      return true;
    };
    await eventually(`message ${noted.messageId} is sent`, () => attempt().catch(() => false), 30_000);
  }

  async function hostIsUp(forMs: number): Promise<void> {
    await eventually("the host is up", watched.hostIsUp, HOST_BACK_WITHIN_MS);
    await pause(forMs);
    await eventually("the host is up", watched.hostIsUp, HOST_BACK_WITHIN_MS);
  }

  async function terminate(chosen: Listed | undefined): Promise<void> {
    if (!chosen) return say("terminate: nothing runs");
    say(`terminate ${chosen.instanceId} (${chosen.customStatus?.step ?? chosen.name})`);
    const { completion } = await watched.claimOf(chosen.instanceId);
    const claimed = completion ? { claimed: { id: completion.event.id, time: completion.event.time } } : {};
    terminated.push({ instanceId: chosen.instanceId, at: stack.clock.now(), ...claimed });
    await watched.manage(`instances/${chosen.instanceId}/terminate?reason=chaos`, "POST");
  }

  /** Terminates an instance when its moment comes, should it come. */
  async function end(instanceId: string, when: Moment): Promise<void> {
    const find = async () => (await watched.running().catch(() => [])).find((listed) => listed.instanceId === instanceId);
    const stepOf = async () => (await find())?.customStatus?.step ?? "";
    const isDue = {
      granted: async () => (await stepOf()) === "leaseGranted",
      answered: async () => watched.received.some(({ messageId }) => messageId === `${instanceId}.completed`) && (await stepOf()) !== "",
      async unsent() {
        if (!["polling", "provisioned", "verified"].includes(await stepOf())) return false;
        await stack.broker.serverBusy(50);
        const { completion, sent: isSent } = await watched.claimOf(instanceId);
        return completion !== null && !isSent;
      },
    };
    const came = await eventually(when, isDue[when], MOMENT_WITHIN_MS).catch(() => false);
    if (came) await terminate(await find());
    if (when !== "unsent") return;
    // A send may be on its way still: were it taken, nobody would wait for the sweep.
    await stack.broker.serverBusy(came ? 500 : 0);
    await pause(came ? STILL_REFUSED_MS : 0);
    await stack.broker.serverBusy(0);
  }

  async function carry(act: Act): Promise<void> {
    switch (act.kind) {
      case "send":
        if (act.weather) await watched.script("POST", act.weather.faults);
        say(`${told(act.letter)}${act.weather ? `; its first PUT is ${act.weather.name}` : ""}`);
        return send(act.letter);
      case "outage":
        say(act.weather.name);
        return void (await watched.script("POST", act.weather.faults));
      case "kill":
        await hostIsUp(act.waitMs);
        say("kill");
        killed.push(stack.clock.now());
        return watched.killHost();
      case "deadLetter": {
        await hostIsUp(0);
        killed.push(stack.clock.now());
        watched.killHost();
        await send(act.letter);
        return say(`kill; dead letters: ${(await watched.deadLetter(act.letter.message.messageId)).join(", ")}`);
      }
      case "terminate": {
        await hostIsUp(act.waitMs);
        const running = await watched.running().catch(() => []);
        return terminate(running[Math.floor(act.share * running.length)]);
      }
      case "purge": {
        const instanceId = instanceIdOf(act.of.source, act.of.id);
        const { status } = await watched.manage(`instances/${instanceId}`, "DELETE");
        return say(`purge ${instanceId}: ${status}`);
      }
      case "end":
        return end(instanceIdOf(act.of.source, act.of.id), act.when);
      case "serverBusy":
        say(`the broker refuses the next ${act.operations}`);
        return stack.broker.serverBusy(act.operations);
      case "detachLinks":
        say(`the links of ${act.entity} are detached`);
        return stack.broker.detachLinks(act.entity);
      default:
        say(act.kind);
        return stack.broker[act.kind]();
    }
  }

  let sends = 0;
  /**
   * Waits until so few have not begun, or not ended, that one more makes no difference; looked at
   * after so many.
   */
  async function fewerThan(many: number): Promise<void> {
    if (sends++ % (many / 2) !== 0) return;
    const isCalm = async () => (await watched.running()).length + (await watched.unread()).length <= many / 2;
    await eventually("there is room for one more", () => isCalm().catch(() => false), quietWithinMs).catch((error: Error) =>
      say(error.message),
    );
  }

  /** Whether every payload has an event, and nobody has anything to do. */
  async function isQuiet(): Promise<boolean> {
    const heard = new Set(watched.received.map(({ body }) => JSON.parse(body).data).map(nameOf));
    const asked = sent.map(({ source, id, payload }) => nameOf({ requestSource: source, requestId: id, ticket: { payload } }));
    await watched.bringForward();
    return asked.every((name) => heard.has(name)) && (await watched.running()).length === 0 && (await watched.unread()).length === 0;
  }

  return {
    carry,
    send,
    fewerThan,
    list: { sent, terminated, killed },
    /**
     * Waits until all is quiet, and no longer than it may take: the checker finds what is not.
     * Answers whether it is.
     */
    quiet: (): Promise<boolean> =>
      eventually("all is quiet", () => isQuiet().catch(() => false), quietWithinMs).catch((error: Error) => {
        say(error.message);
        return false;
      }),
  };
}

function nameOf(data: { requestSource: string; requestId: string; ticket: { payload?: string } | null }): string {
  return JSON.stringify([data.requestSource, data.requestId, data.ticket?.payload ?? ""]);
}
