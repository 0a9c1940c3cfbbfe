import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, createClock, type Pace } from "./clock.ts";
import { StorageError, storing } from "./storage-error.ts";
import { writeWhole } from "./whole-file.ts";

/** So many changes of the speed are kept. What is older is told by the oldest of them. */
const MOST_KEPT = 100;

/**
 * Returns the paces that product time has had in a data directory, the present one last, and keeps them there: what was due at a time before a restart is due at
 * the same time after it. While nothing runs, time goes on at the last rate. Another rate begins where time has come to then.
 */
export function pacesOf(dataDirectory: string, rate: number, now: number): readonly Pace[] {
  const file = join(dataDirectory, "clock.json");
  const kept = keptPaces(file);
  const last = kept.at(-1);
  if (last && last.rate === rate && last.epoch <= now) return kept;
  // A machine's clock may have been set back: product time is not.
  const product = last ? Math.max(clockOf(kept).at(now), last.product) : now;
  const paces = [...kept.filter(({ epoch }) => epoch < now), { epoch: now, product, rate }].slice(-MOST_KEPT);
  writeWhole(file, JSON.stringify(paces));
  return paces;
}

function keptPaces(file: string): readonly Pace[] {
  try {
    const kept = JSON.parse(storing(file, () => readFileSync(file, "utf8"))) as readonly Pace[];
    for (const { epoch, product, rate } of kept) if (![epoch, product, rate].every(Number.isFinite) || rate <= 0) throw new SyntaxError();
    return kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw new StorageError(`The file ${file} is damaged (it does not say what time it is). Delete it or give another --data-dir.`);
  }
}

/** Returns the clock of these paces, or one that begins now at `rate` if there are none. */
export function clockOf(paces: readonly Pace[], rate = 1): Clock {
  const present = paces.at(-1);
  return createClock(present ? { ...present, before: paces.slice(0, -1) } : { rate });
}
