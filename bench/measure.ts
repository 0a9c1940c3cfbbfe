import { cpus, loadavg } from "node:os";

/** One way to do the work; what it answers is looked at, so that no compiler leaves the work out. */
export interface Contender {
  readonly name: string;
  readonly run: () => unknown;
}

/** What one contender took, in milliseconds a call. */
export interface Measured {
  readonly name: string;
  readonly median: number;
  readonly p95: number;
}

/** Measures contenders in turns, each call by itself, after as many turns for warming up as are measured. */
export function measure(contenders: readonly Contender[], turns: number): Measured[] {
  const times = timesOf(contenders);
  for (const { name, run, counts } of inTurn(contenders, turns)) {
    const started = performance.now();
    const answer = run();
    const took = performance.now() - started;
    if (answer === undefined) throw new Error(`${name} answered nothing`);
    if (counts) times.get(name)?.push(took);
  }
  return summary(times);
}

/** Likewise for work that is waited for. Work that says how long it `took` is believed: something else may come after it. */
export async function measureInTurn(contenders: readonly Contender[], turns: number): Promise<Measured[]> {
  const times = timesOf(contenders);
  for (const { name, run, counts } of inTurn(contenders, turns)) {
    const started = performance.now();
    const answer = await run();
    const took = performance.now() - started;
    if (answer === undefined) throw new Error(`${name} answered nothing`);
    const { took: told } = answer as { took?: number };
    if (counts) times.get(name)?.push(told ?? took);
  }
  return summary(times);
}

function timesOf(contenders: readonly Contender[]): Map<string, number[]> {
  return new Map(contenders.map(({ name }) => [name, []]));
}

function* inTurn(contenders: readonly Contender[], turns: number): Generator<Contender & { readonly counts: boolean }> {
  for (let turn = -turns; turn < turns; turn++) {
    // Another one begins each turn: what the one before leaves to the garbage collector falls on all alike.
    for (const offset of contenders.keys())
      yield { ...(contenders[(Math.abs(turn) + offset) % contenders.length] as Contender), counts: turn >= 0 };
  }
}

function summary(times: Map<string, number[]>): Measured[] {
  return [...times].map(([name, taken]) => {
    const sorted = taken.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
    return { name, median: at(0.5), p95: at(0.95) };
  });
}

/** Where the figures come from; a busy machine measures itself. */
export function machine(): string {
  const [cpu] = cpus();
  const load = loadavg()[0] ?? 0;
  return `${cpu?.model.trim() ?? "unknown CPU"}, ${cpus().length} cores, load ${load.toFixed(1)}, Node ${process.versions.node}, ${process.platform}`;
}

/** The figures as a table, each beside that of the contender it is compared with. */
export function report(measured: readonly Measured[], comparedWith: string): string {
  const base = measured.find(({ name }) => name === comparedWith)?.median ?? Number.NaN;
  const rows = measured.map(({ name, median, p95 }) => [
    name,
    `${micros(median)} µs`,
    `${micros(p95)} µs`,
    `${(median / base).toFixed(1)} ×`,
  ]);
  const lines = [["", "median", "p95", `to ${comparedWith}`], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  "),
    )
    .join("\n");
}

function micros(milliseconds: number): string {
  return (milliseconds * 1000).toFixed(0);
}
