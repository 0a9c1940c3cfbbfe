import { randomBytes } from "node:crypto";
import { sealingKeysSchema } from "../shared/settings.ts";
import { WrongUse } from "./command-line.ts";

/** Key id → key in base64. The first one seals, and all open. */
export type SealingRing = Readonly<Record<string, string>>;

/** Reads a value of SEALING_KEYS. Throws a sentence without it if the app cannot use it. */
export function readRing(value: string): SealingRing {
  const parsed = sealingKeysSchema.safeParse(value);
  if (!parsed.success)
    throw new WrongUse(`The app cannot use the secret sealing-keys: ${parsed.error.issues.map(({ message }) => message).join("; ")}.`);
  return parsed.data;
}

/**
 * Returns a ring with a new sealing key at its end, and the id of the key. `changes` is how many
 * versions the secret has had: a number above it was never the number of another key.
 */
export function addKey(ring: SealingRing, changes: number): { ring: SealingRing; id: string } {
  const numbers = Object.keys(ring).map((id) => Number(/^k(\d{1,9})$/.exec(id)?.[1] ?? 0));
  const id = `k${Math.max(changes, ...numbers) + 1}`;
  return { ring: { ...ring, [id]: randomBytes(32).toString("base64") }, id };
}

/** Returns the ring with one of its keys in front, which then seals. */
export function moveToFront(ring: SealingRing, id: string): SealingRing {
  const key = keyOf(ring, id);
  return { [id]: key, ...without(ring, id) };
}

/** Returns the ring without one of its keys. Throws a sentence if that key seals. */
export function dropKey(ring: SealingRing, id: string): SealingRing {
  keyOf(ring, id);
  if (Object.keys(ring)[0] === id) throw new WrongUse(`${id} seals, so it cannot be dropped: first let another one seal (use).`);
  return without(ring, id);
}

function keyOf(ring: SealingRing, id: string): string {
  const key = ring[id];
  if (key === undefined) throw new WrongUse(`There is no sealing key ${id}. There are: ${Object.keys(ring).join(", ")}.`);
  return key;
}

function without(ring: SealingRing, id: string): SealingRing {
  return Object.fromEntries(Object.entries(ring).filter(([other]) => other !== id));
}
