import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStack } from "../local/stack/index.ts";

const AIM_MS = 1500;
const TURNS = 5;

/** Measures the local stack from the end of the build until it is ready. */
export async function benchReady(): Promise<string> {
  execFileSync(process.execPath, [join(import.meta.dirname, "..", "build.ts"), "--quiet"], { stdio: ["ignore", 2, 2] });
  const times: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const dataDirectory = mkdtempSync(join(tmpdir(), "vpn-ready-"));
    const startedAt = performance.now();
    const stack = await startStack({ dataDirectory, port: 0, serviceBusPort: 0, speed: 1, shell: process.env, onLine: () => {} });
    times.push(performance.now() - startedAt);
    await stack.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
  const median = times.toSorted((a, b) => a - b)[Math.floor(TURNS / 2)] ?? Number.NaN;
  return [
    `The local stack, from the built app to ready, ${TURNS} turns: ${times.map((time) => `${time.toFixed(0)} ms`).join(", ")}`,
    `Aim: ${AIM_MS} ms at the median: ${median.toFixed(0)} ms, ${median <= AIM_MS ? "met" : "missed"}.`,
  ].join("\n");
}
