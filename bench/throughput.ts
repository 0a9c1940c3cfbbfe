import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type Load, runLoad } from "../test/support/load.ts";

const AIM_PER_SECOND = 250;
const AIM_CPU_MS = 6;
const BOUND_MS = 10 * 60_000;

/**
 * Each request is for another gateway, and Azure takes no time: only the app and the stack count.
 */
const load: Load = { requests: 2_000, gateways: 2_000, speed: 1, operationSeconds: 0, retryAfterSeconds: 0 };

/** Measures requests a second through the whole local stack, and the processor time of each. */
export async function benchThroughput(): Promise<string> {
  execFileSync(process.execPath, [join(import.meta.dirname, "..", "build.ts"), "--quiet"], { stdio: ["ignore", 2, 2] });
  const { outcomes, realSeconds, stackCpuSeconds, hostCpuSeconds, hostPeakMegabytes } = await runLoad(load, BOUND_MS);
  const perSecond = load.requests / realSeconds;
  const each = (seconds: number | null) => ((seconds ?? Number.NaN) * 1000) / load.requests;
  const met = (aim: boolean) => (aim ? "met" : "missed");
  return [
    `${load.requests} requests at once, each for another gateway, with operations that take no time:`,
    `completions      ${Object.entries(outcomes)
      .map(([outcome, count]) => `${count} ${outcome}`)
      .join(", ")} in ${realSeconds.toFixed(1)} s`,
    `throughput       ${perSecond.toFixed(0)} requests a second`,
    `processors       ${each(stackCpuSeconds).toFixed(1)} ms a request, of which the functions host ${each(hostCpuSeconds).toFixed(1)} ms`,
    `functions host   peak ${hostPeakMegabytes?.toFixed(0) ?? "?"} MB`,
    `Aims: ${AIM_PER_SECOND} a second: ${met(perSecond >= AIM_PER_SECOND)}; ${AIM_CPU_MS} ms of CPU a request: ${met(each(stackCpuSeconds) <= AIM_CPU_MS)}.`,
  ].join("\n");
}
