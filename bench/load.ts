import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type Load, runLoad } from "../test/support/load.ts";

const AIM_RATIO = 1.2;
const AIM_MEGABYTES = 400;
const BOUND_MS = 30 * 60_000;

/** Forty connections on each of fifty gateways, with the poll interval of recorded traffic. */
const load: Load = { requests: 2_000, gateways: 50, speed: 5, operationSeconds: 60, retryAfterSeconds: 10 };

/**
 * Sends two thousand requests at once through the whole local stack. Measures the gaps between the
 * changes of a gateway, and the host's memory and CPU.
 */
export async function benchLoad(): Promise<string> {
  const root = join(import.meta.dirname, "..");
  execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", join(root, "build.ts"), "--quiet"], { stdio: "inherit" });
  const figures = await runLoad(load, BOUND_MS);
  const { makespanSeconds, busiestGatewaySeconds, realSeconds, hostPeakMegabytes, hostCpuSeconds } = figures;
  const ratio = makespanSeconds / busiestGatewaySeconds;
  const met = (aim: boolean) => (aim ? "met" : "missed");
  const outcomes = Object.entries(figures.outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  return [
    `${load.requests} requests over ${load.gateways} gateways at once, ${load.operationSeconds} s of Azure's time each, at ${load.speed} times the speed:`,
    `completions      ${outcomes.join(", ")}`,
    `order            ${figures.overlaps} overlaps, ${figures.overtakings} overtakings`,
    `makespan         ${makespanSeconds.toFixed(0)} s for ${busiestGatewaySeconds} s of the busiest gateway, ${ratio.toFixed(2)} ×`,
    `functions host   peak ${hostPeakMegabytes?.toFixed(0) ?? "?"} MB, ${hostCpuSeconds?.toFixed(0) ?? "?"} s of CPU in ${realSeconds.toFixed(0)} s`,
    `Aims: makespan at most ${AIM_RATIO} ×: ${met(ratio <= AIM_RATIO)}; memory at most ${AIM_MEGABYTES} MB: ${met((hostPeakMegabytes ?? 0) <= AIM_MEGABYTES)}.`,
  ].join("\n");
}
