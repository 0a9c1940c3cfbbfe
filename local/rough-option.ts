import { randomInt } from "node:crypto";

const LARGEST_SEED = 2 ** 31 - 1;

/**
 * Takes `--rough` and its seed out of the arguments of a command; draws a seed if none is given.
 * Throws a sentence for a seed that is none.
 */
export function takeRough(args: readonly string[]): { readonly rough?: number; readonly rest: string[] } {
  const at = args.findIndex((arg) => arg === "--rough" || arg.startsWith("--rough="));
  if (at < 0) return { rest: [...args] };
  const [before, option, after] = [args.slice(0, at), args[at] ?? "", args.slice(at + 1)];
  if (option !== "--rough") return { rough: seedOf(option.slice("--rough=".length)), rest: [...before, ...after] };
  const [next] = after;
  // Another option, or the file of `npm start`, is no seed.
  if (next === undefined || next.startsWith("-") || /[./\\]/.test(next))
    return { rough: randomInt(LARGEST_SEED), rest: [...before, ...after] };
  return { rough: seedOf(next), rest: [...before, ...after.slice(1)] };
}

/** What a command prints about its seed. */
export function toldOfRough(seed: number): string {
  return `Rough durable engine, seed ${seed}. The same seed again: --rough ${seed}`;
}

function seedOf(text: string): number {
  const seed = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed > LARGEST_SEED)
    throw new Error(`--rough takes a whole number from 0 to ${LARGEST_SEED}, or nothing; found ${text}`);
  return seed;
}
