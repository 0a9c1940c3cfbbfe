import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDurableHost } from "../test/support/durable-host.ts";
import { addFinishedInstances } from "../test/support/finished-instances.ts";
import { formatTable, measureInTurn } from "./measure.ts";

const COUNT = 100_000;
const STARTS = 7;
const RUNS = 300;
const AIM_RATIO = 1.2;
const management = "runtime/webhooks/durabletask";

/**
 * Compares a host on a store with many ended instances with a host on an empty store: its start, a
 * new orchestration, and the list of failures.
 */
export async function benchInstances(): Promise<string> {
  const empty = mkdtempSync(join(tmpdir(), "bench-empty-"));
  const full = mkdtempSync(join(tmpdir(), "bench-full-"));
  try {
    const startedAt = performance.now();
    await addFinishedInstances(full, COUNT, Date.now());
    const fillMs = performance.now() - startedAt;
    const starts = await measureInTurn(
      [
        { name: "empty", run: () => startAndStop(empty) },
        { name: "full", run: () => startAndStop(full) },
      ],
      STARTS,
    );
    const hosts = { empty: await startDurableHost(empty), full: await startDurableHost(full) };
    try {
      const compare = (run: (url: string) => Promise<unknown>) =>
        measureInTurn(
          [
            { name: "empty", run: () => run(hosts.empty.url) },
            { name: "full", run: () => run(hosts.full.url) },
          ],
          RUNS,
        );
      const runs = await compare(runOne);
      const lists = await compare(listFailed);
      const [base, other] = runs.map(({ median }) => median);
      const ratio = (other ?? Number.NaN) / (base ?? Number.NaN);
      return [
        `${COUNT} ended instances (written in ${(fillMs / 1000).toFixed(1)} s) compared with none:`,
        `\nFrom the start of the host's process until it is ready, ${STARTS} turns:\n${formatTable(starts, "empty")}`,
        `\nA new orchestration of three activities, from its start until its end is visible, ${RUNS} turns:\n${formatTable(runs, "empty")}`,
        `\nThe list of failures in the last 30 days, which the app reads every two minutes, ${RUNS} turns:\n${formatTable(lists, "empty")}`,
        `\nAim: a new orchestration takes at most ${AIM_RATIO} times as long: ${ratio.toFixed(2)} ×, ${ratio <= AIM_RATIO ? "met" : "missed"}.`,
      ].join("\n");
    } finally {
      await Promise.all(Object.values(hosts).map((host) => host.stop()));
    }
  } finally {
    for (const directory of [empty, full]) rmSync(directory, { recursive: true });
  }
}

async function startAndStop(dataDirectory: string): Promise<{ took: number }> {
  const startedAt = performance.now();
  const host = await startDurableHost(dataDirectory);
  const took = performance.now() - startedAt;
  await host.stop();
  return { took };
}

async function runOne(url: string): Promise<string> {
  const started = await fetch(`${url}/${management}/orchestrators/echoes`, { method: "POST", body: "[1,2,3]" });
  const { id } = (await started.json()) as { id: string };
  for (;;) {
    const status = await fetch(`${url}/${management}/instances/${id}`);
    const { runtimeStatus } = (await status.json()) as { runtimeStatus: string };
    if (runtimeStatus === "Completed") return id;
  }
}

async function listFailed(url: string): Promise<unknown> {
  const createdTimeFrom = new Date(Date.now() - 30 * 86_400_000).toISOString();
  const query = new URLSearchParams({ createdTimeFrom, runtimeStatus: "Failed,Terminated,Canceled" });
  return (await fetch(`${url}/${management}/instances?${query}`)).json();
}
