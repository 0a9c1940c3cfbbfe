import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, createClock, type Pace } from "./clock.ts";
import { replaceFile } from "./replace-file.ts";
import { StorageError, withStorageErrors } from "./storage-error.ts";

/** How many changes of the speed are kept. Earlier times are computed from the oldest of them. */
const MOST_KEPT = 100;

/**
 * Returns the paces of product time in a data directory, the present one last, and stores them. So
 * a time means the same after a restart as before. While no stack runs, time goes on at the last
 * rate. A new rate begins at the present product time.
 */
export function pacesOf(dataDirectory: string, rate: number, now: number): readonly Pace[] {
  const file = join(dataDirectory, "clock.json");
  const kept = readPaces(file);
  const last = kept.at(-1);
  if (last && last.rate === rate && last.epoch <= now) return kept;
  // The clock of the machine may have been set back. Product time never goes back.
  const product = last ? Math.max(clockOf(kept).at(now), last.product) : now;
  const paces = [...kept.filter(({ epoch }) => epoch < now), { epoch: now, product, rate }].slice(-MOST_KEPT);
  replaceFile(file, JSON.stringify(paces));
  return paces;
}

function readPaces(file: string): readonly Pace[] {
  try {
    const kept = JSON.parse(withStorageErrors(file, () => readFileSync(file, "utf8"))) as readonly Pace[];
    for (const { epoch, product, rate } of kept) if (![epoch, product, rate].every(Number.isFinite) || rate <= 0) throw new SyntaxError();
    return kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw new StorageError(`The file ${file} is damaged (it contains no valid time). Delete it or give another --data-dir.`);
  }
}

/** Returns the clock of these paces. Without paces it begins now, at `rate`. */
export function clockOf(paces: readonly Pace[], rate = 1): Clock {
  const present = paces.at(-1);
  return createClock(present ? { ...present, before: paces.slice(0, -1) } : { rate });
}
