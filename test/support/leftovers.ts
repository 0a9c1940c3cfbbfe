import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Finds the processes that carry a run id in their environment, by their command lines. */
export function leftovers(runId: string): string[] {
  if (process.platform !== "linux") {
    const listing = execFileSync("ps", ["-Aeww", "-o", "pid=,command="], { encoding: "utf8" }).split("\n");
    return listing.filter((line) => line.includes(`VPN_STACK_RUN_ID=${runId}`) && !line.trim().startsWith(`${process.pid} `));
  }
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
        // A process that has ended but was not waited for yet shows an empty environment.
        return environment.includes(`VPN_STACK_RUN_ID=${runId}`)
          ? [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")}`]
          : [];
      } catch {
        return [];
      }
    });
}
