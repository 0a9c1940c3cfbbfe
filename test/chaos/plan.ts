import { type Chance, createChance } from "./chance.ts";
import { closingOf } from "./closing.ts";
import { drawOutage, type Weather } from "./faults.ts";
import type { Letter } from "./letters.ts";
import { drawRequest } from "./requests.ts";
import { playScenes } from "./scenes.ts";

/**
 * `granted`: it has just been granted its gateway; `answered`: it has its answer, and keeps the
 * gateway for Azure; `unsent`: it has claimed an answer, and the broker refuses it.
 */
export type Moment = "granted" | "answered" | "unsent";

/** Something that happens to the stack. */
export type Act =
  | { readonly kind: "send"; readonly letter: Letter; readonly weather?: Weather }
  | { readonly kind: "outage"; readonly weather: Weather }
  /** `waitMs` after the host is up; `share` is which of the instances that run then. */
  | { readonly kind: "terminate"; readonly waitMs: number; readonly share: number }
  /** Terminates the instance of a certain request at a certain moment. */
  | { readonly kind: "end"; readonly when: Moment; readonly of: { readonly source: string; readonly id: string } }
  /** Removes the instance of a request that has ended, and all that it remembers. */
  | { readonly kind: "purge"; readonly of: { readonly source: string; readonly id: string } }
  | { readonly kind: "kill"; readonly waitMs: number }
  /**
   * The host is killed, and what comes meanwhile, the letter among it, ends among the dead letters.
   */
  | { readonly kind: "deadLetter"; readonly letter: Letter }
  | { readonly kind: "dropConnections" | "expireLocks" }
  /** The broker refuses so many of the next operations. */
  | { readonly kind: "serverBusy"; readonly operations: number }
  /** An entity moves, and its links with it. */
  | { readonly kind: "detachLinks"; readonly entity: string };

/** When something happens, in milliseconds of real time after the beginning. */
export interface Step {
  readonly at: number;
  readonly act: Act;
}

/** A round of chaos: the same seed and size plan the same round. */
export interface Plan {
  readonly steps: readonly Step[];
  /** Sent when everything is quiet again, wave after wave. */
  readonly closing: readonly (readonly Step[])[];
  readonly gateways: readonly string[];
  readonly secrets: readonly string[];
  /** What Key Vault has, by the secrets' names. */
  readonly vault: Readonly<Record<string, string>>;
}

/** How long a round disturbs, in real time, and how much happens in it. */
interface Size {
  readonly ms: number;
  readonly gateways: number;
  readonly requests: number;
  readonly disturbances: Readonly<Record<Exclude<Act["kind"], "send" | "end" | "deadLetter" | "purge">, number>>;
}

/** Whose links the app or the host hold open. */
const entities = ["vpn-connection-requests", "vpn-connection-requests/$DeadLetterQueue", "vpn-connection-events"] as const;

/** The sizes of a round, by name. */
export const sizes = {
  short: {
    ms: 3_000,
    gateways: 2,
    requests: 18,
    disturbances: { kill: 1, dropConnections: 1, expireLocks: 1, serverBusy: 2, detachLinks: 2, terminate: 3, outage: 4 },
  },
  full: {
    ms: 9_000,
    gateways: 3,
    requests: 45,
    disturbances: { kill: 2, dropConnections: 3, expireLocks: 3, serverBusy: 4, detachLinks: 6, terminate: 8, outage: 10 },
  },
} as const satisfies Record<string, Size>;

/** Plans the round of a seed. */
export function planOf(seed: number, name: keyof typeof sizes): Plan {
  const size: Size = sizes[name];
  const chance = createChance(seed);
  const gateways = Array.from({ length: size.gateways }, (_, index) => `gateway${index + 1}`);
  const requests = Array.from({ length: size.requests }, (_, index) => drawRequest(`${seed}-${index + 1}`, size.ms, chance, gateways));
  // Each kind is spread over the round: what hits a host that is away already comes to nothing.
  const disturbances = Object.entries(size.disturbances).flatMap(([kind, times]) =>
    Array.from({ length: times }, (_, index): Step => {
      const share = Math.floor(size.ms / times);
      return { at: share * index + chance.whole(0, share), act: drawDisturbance(kind as keyof Size["disturbances"], chance) };
    }),
  );
  // They take longer than a short round, which has them when all is quiet.
  const scenes = name === "short" ? [] : playScenes(`${seed}`, size.ms / 6, chance);
  const marks = [chance.hex(18), chance.hex(18)];
  const vaultMarks = [chance.hex(18), chance.hex(18)];
  const told = [...requests, ...scenes];
  const all = [...gateways, ...scenes.map(({ gateway }) => gateway)];
  const closing = closingOf(
    `${seed}-closing`,
    name,
    all,
    told.flatMap(({ letters }) => letters),
    { marks, vaultMarks },
  );
  return {
    steps: [...told.flatMap(({ steps }) => steps), ...disturbances].sort((a, b) => a.at - b.at),
    closing: closing.waves,
    gateways: [...all, ...closing.gateways],
    secrets: [...requests.flatMap(({ secrets }) => secrets), ...marks, ...vaultMarks],
    vault: closing.vault,
  };
}

function drawDisturbance(kind: keyof Size["disturbances"], chance: Chance): Act {
  switch (kind) {
    case "outage":
      return { kind, weather: drawOutage(chance) };
    case "terminate":
      return { kind, waitMs: chance.whole(0, 1_000), share: chance.whole(0, 99) / 100 };
    case "kill":
      return { kind, waitMs: chance.whole(0, 1_000) };
    case "serverBusy":
      return { kind, operations: chance.whole(1, 5) };
    case "detachLinks":
      return { kind, entity: chance.pick(entities) };
    default:
      return { kind };
  }
}
