import type { Fault } from "../../local/azure/faults.ts";
import type { Chance } from "./chance.ts";
import { refusal } from "./faults.ts";
import { type Asked, cancelLetter, type Letter, requestLetter, type Wish } from "./letters.ts";
import type { Moment, Step } from "./plan.ts";
import type { Ending } from "./trace.ts";

/**
 * Something that chance alone brings about too seldom, on its own gateway, in the midst of
 * everything else.
 */
export interface Scene {
  readonly gateway: string;
  readonly steps: readonly Step[];
  /** Every request and cancellation once. */
  readonly letters: readonly Letter[];
}

/**
 * What a scene is told in: who asks for what, when, what befalls it, and how it ends where nothing
 * else happens.
 */
function stage(name: string, gateway: string, { beginsAt, alone }: { readonly beginsAt: number; readonly alone: boolean }) {
  const steps: Step[] = [];
  const letters: Letter[] = [];
  const askedOf = (id: string): Asked => ({ source: "/chaos/scenes", id: `${name}-${id}`, payload: "only" });
  const envelopeOf = (id: string, ends: Ending | undefined) => ({
    messageId: `${name}-${id}`,
    ...(alone && ends ? { mustEnd: ends } : {}),
  });
  const send = (at: number, letter: Letter, faults: readonly Fault[] = []) => {
    letters.push(letter);
    steps.push({
      at: beginsAt + at,
      act: { kind: "send", letter, ...(faults.length > 0 ? { weather: { name: "scripted", faults } } : {}) },
    });
  };
  return {
    /** A request for its own connection, unless it says otherwise. */
    request(at: number, id: string, { ends, ...more }: Partial<Wish> & { readonly ends?: Ending }, ...script: readonly Fault[]) {
      const wish = { gateway, connection: `${gateway}-${id}`, bandwidth: 50, key: null, ...more };
      const faults = script.map((fault) => ({ connection: wish.connection, ...fault }));
      send(at, requestLetter(askedOf(id), wish, envelopeOf(id, ends)), faults);
    },
    /**
     * A request that ends among the dead letters at first: who it is from, and where its answer is
     * wanted, stands on the envelope alone.
     */
    bury(at: number, id: string) {
      const wish = { gateway, connection: `${gateway}-${id}`, bandwidth: 50, key: null };
      const letter = requestLetter(askedOf(id), wish, { ...envelopeOf(id, created), binary: true, replyTo: `${name}-${id}` });
      letters.push(letter);
      steps.push({ at: beginsAt + at, act: { kind: "deadLetter", letter } });
    },
    /** A cancellation of a request. */
    cancel(at: number, id: string) {
      send(at, cancelLetter(askedOf(`${id}-cancel`), askedOf(id), envelopeOf(`${id}-cancel`, { outcome: "Succeeded" })));
    },
    /** Has the instance of a request terminated. */
    end(at: number, when: Moment, id: string) {
      const { source, id: requestId } = askedOf(id);
      steps.push({ at: beginsAt + at, act: { kind: "end", when, of: { source, id: requestId } } });
    },
    told: (): Scene => ({ gateway, steps, letters }),
  };
}

type Tell = (scene: ReturnType<typeof stage>, gateway: string) => void;
/** A site that nobody else names: the app remembers what it has read of all others. */
const siteOf = (gateway: string) => gateway.replace("gateway", "vpnSite");
const taking = (seconds: number): Fault => ({ on: "put", operation: { seconds } });
const created: Ending = { outcome: "Succeeded", change: "Created" };
const unchanged: Ending = { outcome: "Succeeded", change: "Unchanged" };
const expired: Ending = { outcome: "Failed", code: "QueueDeadlineExceeded", untouched: true };
const cancelled: Ending = { outcome: "Cancelled", code: "RequestCancelled" };

/**
 * A change outlives its deadline: the answer comes anyway, and nobody else has the gateway
 * before Azure is done; but who only plans does not wait.
 */
const outlived: Tell = ({ request, cancel }) => {
  request(0, "slow", { deadlineMinutes: 5, ends: { outcome: "Failed", code: "OperationDeadlineExceeded" } }, taking(500));
  request(1_000, "impatient", { queueDeadlineMinutes: 1, ends: expired });
  request(1_050, "planned", { mode: "plan", ends: { outcome: "Planned", change: "Created" } });
  request(1_100, "unwanted", { ends: { ...cancelled, untouched: true } });
  // It waits for longer than the change itself may take: that time begins with the grant.
  request(1_150, "patient", { deadlineMinutes: 5 });
  cancel(2_000, "unwanted");
};

/**
 * A change is cancelled while Azure works on it, and its instance, which keeps the gateway, is
 * terminated: its answer stands, and the next one waits for Azure, also where another one has given
 * up waiting for that.
 */
const abandoned: Tell = ({ request, cancel, end }) => {
  request(0, "slow", { ends: cancelled }, taking(330));
  request(250, "hesitant", { ends: { ...cancelled, untouched: true } });
  request(300, "next", { ends: created });
  cancel(500, "slow");
  end(600, "answered", "slow");
  cancel(1_500, "hesitant");
};

/**
 * Who came first joins the queue later, because its checks take long; one is cancelled while it
 * waits, and the last one does not wait for long.
 */
const overtaken: Tell = ({ request, cancel }, gateway) => {
  request(0, "holder", { ends: created }, taking(250));
  const site = siteOf(gateway);
  request(600, "first", { site, ends: created }, { connection: site, on: "check", delaySeconds: 50 });
  request(700, "second", { ends: created });
  request(800, "third", { ends: created });
  request(1_200, "unwanted", { ends: { ...cancelled, untouched: true } });
  request(1_250, "impatient", { queueDeadlineMinutes: 1, ends: expired });
  cancel(1_700, "unwanted");
};

/** A cancellation is there before its request, whose gateway is free. */
const forestalled: Tell = ({ request, cancel }) => {
  cancel(0, "late");
  request(1_500, "late", { ends: cancelled }, taking(200));
};

/**
 * Who has the gateway, in whatever case its name is written, keeps it while Azure puts it off; the
 * same connection, wanted twice, is written once.
 */
const putOff: Tell = ({ request }, gateway) => {
  const connection = `${gateway}-same`;
  request(0, "put-off", { ends: created }, { on: "put", times: 3, respond: refusal(409, "AnotherOperationInProgress") }, taking(30));
  request(100, "next", { gateway: gateway.toUpperCase(), ends: created }, taking(100));
  request(200, "same", { connection, ends: created }, { on: "put", reset: "after", operation: { seconds: 30 } });
  request(300, "same-again", { connection, ends: unchanged });
};

/** Who has claimed an answer is terminated before it is sent. */
const stranded: Tell = ({ request, end }) => {
  request(0, "unheard", { ends: created }, taking(60));
  end(50, "unsent", "unheard");
};

/** Who reads is terminated before the read is answered: nothing is written any more. */
const interrupted: Tell = ({ request, end }) => {
  request(0, "reader", {}, { on: "get", delaySeconds: 320 });
  request(100, "next", { ends: created });
  end(50, "granted", "reader");
};

/** Who came first is ready when a newer request has changed the same connection already. */
const outrun: Tell = ({ request }, gateway) => {
  const connection = `${gateway}-same`;
  const site = siteOf(gateway);
  const older = { connection, site, bandwidth: 60, ends: { outcome: "Rejected", code: "Superseded", untouched: true } } as const;
  request(0, "before", { ends: created }, taking(30));
  request(1_200, "older", older, { connection: site, on: "check", delaySeconds: 320 });
  request(1_800, "newer", { connection, ends: created }, taking(30));
};

/**
 * The key of a connection is changed in vain, and the connection looks well all the same: whoever
 * asks for either key later needs a PUT.
 */
const rekeyed: Tell = ({ request }, gateway) => {
  const connection = `${gateway}-keyed`;
  const fails: Fault = {
    on: "put",
    operation: { seconds: 30, end: "Failed", error: { code: "InternalServerError", message: "It failed." } },
  };
  const looksWell: Fault = { on: "get", times: "always", shows: { connection: "Succeeded" } };
  const inVain = { outcome: "Failed", code: "OperationFailed" };
  const keyed = (key: string) => ({ connection, key: `${connection}-key-${key}` });
  request(0, "keyed", { ...keyed("1"), ends: created }, taking(30));
  request(900, "refused", { ...keyed("2"), ends: inVain }, fails);
  request(1_800, "refused-again", keyed("2"), looksWell, taking(30));
  request(2_700, "last", { ...keyed("3"), ends: inVain }, fails);
  request(3_600, "back", keyed("2"), looksWell, taking(30));
  // What Azure looks like ends with the last message of a plan.
  request(4_800, "after", { ends: created });
};

/** A request is among the dead letters before anybody has seen it. */
const buried: Tell = ({ bury }) => bury(0, "unseen");

const scenes = { outlived, abandoned, overtaken, forestalled, putOff, stranded, interrupted, outrun, rekeyed, buried };
/** Those that are played among disturbances. */
const disturbed = ["outlived", "abandoned", "overtaken", "forestalled", "putOff", "outrun", "buried"] as const;
/** Those that are played alone, and the one that keeps the broker from everybody for a moment. */
const quiet = ["abandoned", "overtaken", "forestalled", "putOff", "interrupted", "outrun", "outlived"] as const;
const loud = "stranded";

/** Plays scenes, each beginning at its own time within the first part of a round. */
export function playScenes(name: string, withinMs: number, chance: Chance): Scene[] {
  return disturbed.map((scene, index) =>
    playScene(scene, name, `gateway${11 + index}`, { beginsAt: chance.whole(0, withinMs), alone: false }),
  );
}

/** Plays scenes when all is quiet. */
export function playQuietScenes(name: string, size: "short" | "full"): { readonly quiet: Scene[]; readonly loud: Scene } {
  const how = { beginsAt: 0, alone: true };
  return {
    // The last one takes longer than all the others.
    quiet: quiet.slice(0, size === "short" ? -1 : undefined).map((scene, index) => playScene(scene, name, `gateway${21 + index}`, how)),
    loud: playScene(loud, name, "gateway20", how),
  };
}

/** Plays one scene. */
export function playScene(scene: keyof typeof scenes, name: string, gateway: string, how: Parameters<typeof stage>[2]): Scene {
  const set = stage(`${name}-${scene}`, gateway, how);
  scenes[scene](set, gateway);
  return set.told();
}
