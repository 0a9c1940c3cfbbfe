import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { badReceivers } from "../test/support/bad-receivers.ts";
import { type Load, runLoad } from "../test/support/load.ts";
import { startOtlpReceiver } from "../test/support/otlp-receiver.ts";

const AIM = 0.05;
const ROUNDS = 5;
const BOUND_MS = 60_000;
const load: Load = { requests: 200, gateways: 200, speed: 1, operationSeconds: 0, retryAfterSeconds: 0 };

/**
 * Measures what traces cost: 200 requests through the whole local stack, without a receiver, with
 * one that works, and with each kind that does not.
 */
export async function benchTraces(): Promise<string> {
  execFileSync(process.execPath, [join(import.meta.dirname, "..", "build.ts"), "--quiet"], { stdio: ["ignore", 2, 2] });
  const contenders: readonly (readonly [name: string, start: () => Promise<{ url?: string; close(): void }>])[] = [
    ["no receiver", async () => ({ close() {} })],
    ["a receiver that works", startOtlpReceiver],
    ...Object.entries(badReceivers).map(([name, start]) => [`a receiver ${name}`, start] as const),
  ];
  const measured = new Map(contenders.map(([name]) => [name, [] as { seconds: number; cpuMs: number; megabytes: number }[]]));
  for (let round = 0; round < ROUNDS; round++)
    for (let turn = 0; turn < contenders.length; turn++) {
      const [name, start] = contenders[(turn + round) % contenders.length] ?? contenders[0] ?? [];
      if (!name || !start) continue;
      const { url, close } = await start();
      const settings = url === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: url };
      const figures = await runLoad({ ...load, settings }, BOUND_MS).finally(close);
      if (figures.outcomes["Succeeded"] !== load.requests) throw new Error(`${name}: ${JSON.stringify(figures.outcomes)}`);
      const cpuMs = ((figures.hostCpuSeconds ?? Number.NaN) * 1000) / load.requests;
      measured.get(name)?.push({ seconds: figures.realSeconds, cpuMs, megabytes: figures.hostPeakMegabytes ?? Number.NaN });
    }
  const rows = [...measured].map(([name, all]) => {
    const median = (of: (one: (typeof all)[number]) => number) => all.map(of).sort((a, b) => a - b)[all.length >> 1] ?? Number.NaN;
    return { name, seconds: median((one) => one.seconds), cpuMs: median((one) => one.cpuMs), megabytes: median((one) => one.megabytes) };
  });
  const without = rows[0]?.seconds ?? Number.NaN;
  const slowest = Math.max(...rows.map(({ seconds }) => seconds / without - 1));
  return [
    `${load.requests} requests at once, each for another gateway, ${ROUNDS} turns, medians:`,
    ...rows.map(
      ({ name, seconds, cpuMs, megabytes }) =>
        `${name.padEnd(32)} ${seconds.toFixed(2)} s, host ${cpuMs.toFixed(1)} ms of CPU a request, peak ${megabytes.toFixed(0)} MB`,
    ),
    `Aim: at most ${AIM * 100} % slower than without: ${(slowest * 100).toFixed(1)} %, ${slowest <= AIM ? "met" : "missed"}.`,
  ].join("\n");
}
