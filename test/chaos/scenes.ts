import type { Fault } from "../../local/azure/faults.ts";
import type { Chance } from "./chance.ts";
import { refusal } from "./faults.ts";
import { type Asked, cancelLetter, type Letter, requestLetter, type Wish } from "./letters.ts";
import type { Step } from "./plan.ts";

/** Something that chance alone brings about too seldom, on a gateway of its own, in the midst of everything else. */
export interface Scene {
  readonly gateway: string;
  readonly steps: readonly Step[];
  /** Every request and cancellation once. */
  readonly letters: readonly Letter[];
}

/** What a scene is told in: who asks for what, when, and what befalls it. */
function stage(name: string, gateway: string, beginsAt: number) {
  const steps: Step[] = [];
  const letters: Letter[] = [];
  const askedOf = (id: string): Asked => ({ source: "/chaos/scenes", id: `${name}-${id}`, payload: "only" });
  const send = (at: number, letter: Letter, faults: readonly Fault[] = []) => {
    letters.push(letter);
    steps.push({
      at: beginsAt + at,
      act: { kind: "send", letter, ...(faults.length > 0 ? { weather: { name: "scripted", faults } } : {}) },
    });
  };
  return {
    /** A request for a connection of its own, unless it says otherwise. */
    request(at: number, id: string, more: Partial<Wish> = {}, script: readonly Fault[] = []) {
      const wish = { gateway, connection: `${gateway}-${id}`, bandwidth: 50, key: null, ...more };
      const faults = script.map((fault) => ({ connection: wish.connection, ...fault }));
      send(at, requestLetter(askedOf(id), wish, { messageId: `${name}-${id}` }), faults);
    },
    cancel(at: number, id: string) {
      send(at, cancelLetter(askedOf(`${id}-cancel`), askedOf(id), { messageId: `${name}-${id}-cancel` }));
    },
    /** Has the instance of a request terminated, once it has its answer (`abandon`), or has claimed it in vain (`strand`). */
    end(at: number, kind: "abandon" | "strand", id: string) {
      const { source, id: requestId } = askedOf(id);
      steps.push({ at: beginsAt + at, act: { kind, of: { source, id: requestId } } });
    },
    told: (): Scene => ({ gateway, steps, letters }),
  };
}

type Tell = (scene: ReturnType<typeof stage>, gateway: string) => void;
const taking = (seconds: number): Fault => ({ on: "put", operation: { seconds } });

/** A change outlives its deadline: the answer comes all the same, and nobody else has the gateway before Azure is done; but who only plans does not wait. */
const outlived: Tell = ({ request, cancel }) => {
  request(0, "slow", { deadlineMinutes: 5 }, [taking(1200)]);
  request(300, "impatient", { queueDeadlineMinutes: 1 });
  request(350, "planned", { mode: "plan" });
  request(400, "unwanted");
  request(450, "patient");
  cancel(2_000, "unwanted");
};

/** A change is cancelled while Azure works on it, and its instance, which keeps the gateway, is terminated: its answer stands, and the next one waits for Azure. */
const abandoned: Tell = ({ request, cancel, end }) => {
  request(0, "slow", {}, [taking(250)]);
  request(300, "next");
  cancel(500, "slow");
  end(600, "abandon", "slow");
};

/** Who came first joins the queue later, because its checks take long; and one is cancelled before it comes. */
const overtaken: Tell = ({ request, cancel }, gateway) => {
  request(0, "holder", {}, [taking(350)]);
  cancel(500, "forestalled");
  request(600, "first", {}, [{ connection: gateway, on: "check", delaySeconds: 50 }]);
  request(700, "second");
  request(800, "third");
  request(1_800, "forestalled");
};

/** Who has the gateway keeps it while Azure puts it off; the same connection, wanted twice, is written once. */
const putOff: Tell = ({ request }, gateway) => {
  const connection = `${gateway}-same`;
  request(0, "put-off", {}, [{ on: "put", times: 3, respond: refusal(409, "AnotherOperationInProgress") }, taking(30)]);
  request(100, "next", {}, [taking(100)]);
  request(200, "same", { connection }, [{ on: "put", reset: "after", operation: { seconds: 30 } }]);
  request(300, "same-again", { connection });
};

/** Who has claimed an answer is terminated before it is sent. */
const stranded: Tell = ({ request, end }) => {
  request(0, "unheard", {}, [taking(60)]);
  end(50, "strand", "unheard");
};

const scenes = { outlived, abandoned, overtaken, putOff, stranded };
/** Those that are played among disturbances, and of these those that are over soon. */
const disturbed = ["outlived", "abandoned", "overtaken", "putOff"] as const;
const brief = ["overtaken", "putOff"] as const;

/** Plays the scenes, each beginning at a time of its own within the first part of a round. */
export function playScenes(name: string, withinMs: number, onlyBrief: boolean, chance: Chance): Scene[] {
  const chosen: readonly (keyof typeof scenes)[] = onlyBrief ? brief : disturbed;
  return chosen.map((scene, index) => playScene(scene, name, `gateway${11 + index}`, chance.whole(0, withinMs)));
}

/** Plays one scene. */
export function playScene(scene: keyof typeof scenes, name: string, gateway: string, beginsAt = 0): Scene {
  const set = stage(`${name}-${scene}`, gateway, beginsAt);
  scenes[scene](set, gateway);
  return set.told();
}
