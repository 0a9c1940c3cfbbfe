import { randomInt } from "node:crypto";
import { InvalidArgumentError, Option } from "commander";
import { engines } from "./stack/index.ts";

const LARGEST_SEED = 2 ** 31 - 1;

/** Returns the option --engine of a command. */
export function engineOption(): Option {
  return new Option("--engine <name>", "what runs the durable functions").choices(engines).default("sqlite");
}

/** The value of --rough: true if no seed is given. */
export type Rough = number | true;

/** Returns the option --rough of a command. */
export function roughOption(): Option {
  return new Option("--rough [seed]", "disturb the durable engine; the same seed gives the same disturbances").argParser(
    numberReader({ least: 0, most: LARGEST_SEED, whole: true }),
  );
}

/** Returns the seed that --rough gives, or draws one. */
export function seedOf(rough: Rough | undefined): number | undefined {
  return rough === true ? randomInt(LARGEST_SEED) : rough;
}

/** What a command prints about its seed. */
export function toldOfRough(seed: number): string {
  return `Rough durable engine, seed ${seed}. The same seed again: --rough ${seed}`;
}

/** Returns the reader of a number in a range, for an option's value. */
export function numberReader({ least, most, whole = false }: { readonly least: number; readonly most: number; readonly whole?: boolean }) {
  return (text: string): number => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(`It takes a ${whole ? "whole " : ""}number from ${least} to ${most}.`);
  };
}
