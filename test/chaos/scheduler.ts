import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "../support/eventually.ts";
import { leftovers } from "../support/leftovers.ts";
import { type Letter, sentOf, told } from "./letters.ts";
import { startWatchedStack } from "./outside.ts";
import type { Act, Plan } from "./plan.ts";
import type { Sent, Trace } from "./trace.ts";

/** Operations of half a minute pass in a third of a second. */
const SPEED = 100;
/** How long everything may take to become quiet, in real time. */
const QUIET_WITHIN_MS = 120_000;
const HOST_BACK_WITHIN_MS = 60_000;

type Watched = Awaited<ReturnType<typeof startWatchedStack>>;

/** Carries out a plan on a stack of its own, lets it become quiet, and answers what could be seen; `tell` hears of everything that is done. */
export async function carryOut(plan: Plan, { app, tell = () => {} }: { app?: string; tell?: (line: string) => void } = {}): Promise<Trace> {
  const watched = await startWatchedStack({ speed: SPEED, ...(app === undefined ? {} : { app }) });
  try {
    const beganAt = performance.now();
    const say = (line: string) => tell(`${((performance.now() - beganAt) / 1000).toFixed(2).padStart(6)} s  ${line}`);
    const done = doings(watched, say);
    // What has to wait for the host does not hold up the rest.
    const waiting: Promise<void>[] = [];
    for (const { at, act } of plan.steps) {
      await pause(Math.max(0, beganAt + at - performance.now()));
      if (act.kind === "kill" || act.kind === "terminate") waiting.push(done.carry(act));
      else await done.carry(act);
    }
    await Promise.all(waiting);
    say("no more disturbances");
    await watched.script("DELETE");
    await watched.stack.broker.expireLocks();
    await done.quiet();
    for (const letter of plan.closing) await done.send(letter);
    await done.quiet();
    say("quiet");

    const { received, waiting: seenWaiting, stack } = watched;
    const seen = await watched.lookAround(plan.gateways);
    const said = { "the management API": await watched.toldByManagement(), ...(await watched.stop()) };
    const left = { ...seen.left, processes: leftovers(stack.runId) };
    return {
      ...done.list,
      received,
      waiting: seenWaiting,
      secrets: plan.secrets,
      said,
      calls: seen.calls,
      quarantined: seen.quarantined,
      left,
    };
  } finally {
    await watched.stop();
  }
}

/** Everything that can be done to a stack, and the list of what was. */
function doings(watched: Watched, say: (line: string) => void) {
  const { stack } = watched;
  const sent: Sent[] = [];
  const terminated: { instanceId: string; at: number }[] = [];
  const killed: number[] = [];

  async function send(letter: Letter): Promise<void> {
    const noted = sentOf(letter, stack.clock.now());
    sent.push(noted);
    const attempt = async () => {
      // A send that was broken off may have arrived: what is sent again is one more repetition.
      await watched.sender.sendMessages(letter.message);
      return true;
    };
    await eventually(`message ${noted.messageId} is sent`, () => attempt().catch(() => false), 30_000);
  }

  async function hostIsUp(forMs: number): Promise<void> {
    await eventually("the host is up", watched.hostIsUp, HOST_BACK_WITHIN_MS);
    await pause(forMs);
    await eventually("the host is up", watched.hostIsUp, HOST_BACK_WITHIN_MS);
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
      case "terminate": {
        await hostIsUp(act.waitMs);
        const running = await watched.running().catch(() => []);
        const chosen = running[Math.floor(act.share * running.length)];
        if (!chosen) return say("terminate: nothing runs");
        say(`terminate ${chosen.instanceId} (${chosen.customStatus?.step ?? chosen.name})`);
        terminated.push({ instanceId: chosen.instanceId, at: stack.clock.now() });
        return void (await watched.manage(`instances/${chosen.instanceId}/terminate?reason=chaos`, "POST"));
      }
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

  /** Whether every payload has an event, and nobody has anything to do. */
  async function isQuiet(): Promise<boolean> {
    const heard = new Set(watched.received.map(({ body }) => JSON.parse(body).data).map(nameOf));
    const asked = sent.map(({ source, id, payload }) => nameOf({ requestSource: source, requestId: id, ticket: { payload } }));
    return asked.every((name) => heard.has(name)) && (await watched.running()).length === 0 && (await watched.unread()).length === 0;
  }

  return {
    carry,
    send,
    list: { sent, terminated, killed },
    /** Waits until all is quiet, and no longer than it may take: the checker finds what is not. */
    quiet: () =>
      eventually("all is quiet", () => isQuiet().catch(() => false), QUIET_WITHIN_MS).catch((error: Error) => say(error.message)),
  };
}

function nameOf(data: { requestSource: string; requestId: string; ticket: { payload?: string } | null }): string {
  return JSON.stringify([data.requestSource, data.requestId, data.ticket?.payload ?? ""]);
}
