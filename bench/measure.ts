import { cpus, loadavg } from "node:os";

/** One program to measure. Its result is checked, so the compiler cannot remove the work. */
export interface Contender {
  readonly name: string;
  readonly run: () => unknown;
}

/** The times of one contender, in milliseconds a call. */
export interface Measured {
  readonly name: string;
  readonly median: number;
  readonly p95: number;
}

/** Measures contenders in turns, each call alone. There are as many warm-up turns before. */
export function measure(contenders: readonly Contender[], turns: number): Measured[] {
  const times = timesOf(contenders);
  for (const { name, run, counts } of takeTurns(contenders, turns)) {
    const started = performance.now();
    const result = run();
    const took = performance.now() - started;
    if (result === undefined) throw new Error(`${name} returned no result`);
    if (counts) times.get(name)?.push(took);
  }
  return summarize(times);
}

/**
 * Like `measure`, for asynchronous work. If a result has `took` (milliseconds), this is its time:
 * the work may include a clean-up that does not count.
 */
export async function measureInTurn(contenders: readonly Contender[], turns: number): Promise<Measured[]> {
  const times = timesOf(contenders);
  for (const { name, run, counts } of takeTurns(contenders, turns)) {
    const started = performance.now();
    const result = await run();
    const took = performance.now() - started;
    if (result === undefined) throw new Error(`${name} returned no result`);
    const { took: ownTime } = result as { took?: number };
    if (counts) times.get(name)?.push(ownTime ?? took);
  }
  return summarize(times);
}

function timesOf(contenders: readonly Contender[]): Map<string, number[]> {
  return new Map(contenders.map(({ name }) => [name, []]));
}

function* takeTurns(contenders: readonly Contender[], turns: number): Generator<Contender & { readonly counts: boolean }> {
  for (let turn = -turns; turn < turns; turn++) {
    // Each turn begins with another contender, so garbage of the previous one affects all equally.
    for (const offset of contenders.keys())
      yield { ...(contenders[(Math.abs(turn) + offset) % contenders.length] as Contender), counts: turn >= 0 };
  }
}

function summarize(times: Map<string, number[]>): Measured[] {
  return [...times].map(([name, taken]) => {
    const sorted = taken.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
    return { name, median: at(0.5), p95: at(0.95) };
  });
}

/** Describes the machine and its load. On a busy machine the figures are not meaningful. */
export function describeMachine(): string {
  const [cpu] = cpus();
  const load = loadavg()[0] ?? 0;
  return `${cpu?.model.trim() ?? "unknown CPU"}, ${cpus().length} cores, load ${load.toFixed(1)}, Node ${process.versions.node}, ${process.platform}`;
}

/** Returns the figures as a table, with the ratio of each median to that of one contender. */
export function formatTable(measured: readonly Measured[], comparedWith: string): string {
  const base = measured.find(({ name }) => name === comparedWith)?.median ?? Number.NaN;
  const rows = measured.map(({ name, median, p95 }) => [
    name,
    `${formatMicros(median)} µs`,
    `${formatMicros(p95)} µs`,
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

function formatMicros(milliseconds: number): string {
  return (milliseconds * 1000).toFixed(0);
}
