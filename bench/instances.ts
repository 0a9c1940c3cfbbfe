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

/** Whether a store with many instances that have ended slows what is new: two hosts side by side, one on such a store, one on an empty one. */
export async function benchInstances(): Promise<string> {
  const empty = mkdtempSync(join(tmpdir(), "bench-empty-"));
  const full = mkdtempSync(join(tmpdir(), "bench-full-"));
  try {
    const began = performance.now();
    addFinishedInstances(full, COUNT, Date.now());
    const filledIn = performance.now() - began;
    const starts = await measureInTurn(
      [
        { name: "empty", run: () => startAndStop(empty) },
        { name: "full", run: () => startAndStop(full) },
      ],
      STARTS,
    );
    const hosts = { empty: await startDurableHost(empty), full: await startDurableHost(full) };
    try {
      const beside = (run: (url: string) => Promise<unknown>) =>
        measureInTurn(
          [
            { name: "empty", run: () => run(hosts.empty.url) },
            { name: "full", run: () => run(hosts.full.url) },
          ],
          RUNS,
        );
      const runs = await beside(runOne);
      const lists = await beside(listFailed);
      const [base, other] = runs.map(({ median }) => median);
      const ratio = (other ?? Number.NaN) / (base ?? Number.NaN);
      return [
        `${COUNT} instances that have ended (written in ${(filledIn / 1000).toFixed(1)} s) against none:`,
        `\nStart of the host's process until it is ready, ${STARTS} turns:\n${formatTable(starts, "empty")}`,
        `\nA new orchestration of three activities, from its start until its end is seen, ${RUNS} turns:\n${formatTable(runs, "empty")}`,
        `\nThe list of those that failed in the last 30 days, which the product asks for every two minutes, ${RUNS} turns:\n${formatTable(lists, "empty")}`,
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
  const began = performance.now();
  const host = await startDurableHost(dataDirectory);
  const took = performance.now() - began;
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
