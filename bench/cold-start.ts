import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { sourceAppDirectory } from "../test/support/source-app.ts";
import { formatTable, measure } from "./measure.ts";

const root = join(import.meta.dirname, "..");
const AIM_MS = 200;
const TURNS = 9;

/** How long a new process takes until the app has registered its functions, and until it has handled its first message, beside an empty process and the app that is not bundled. */
export function benchColdStart(): string {
  execFileSync(process.execPath, [join(root, "build.ts"), "--quiet"], { stdio: ["ignore", 2, 2] });
  const sources = sourceAppDirectory();
  const program = join(import.meta.dirname, "first-message.ts");
  const measured = measure(
    [
      { name: "empty process", run: () => ran("-e", "0") },
      { name: "host without an app", run: () => ran(program, "nothing") },
      { name: "loaded", run: () => ran(program, "app", root) },
      { name: "first message handled", run: () => ran(program, "message", root) },
      { name: "loaded, not bundled", run: () => ran(program, "app", sources) },
      { name: "first message handled, not bundled", run: () => ran(program, "message", sources) },
    ],
    TURNS,
  );
  const above = (measured[2]?.median ?? Number.NaN) - (measured[1]?.median ?? Number.NaN);
  return [
    `A new process until the app is loaded, and until its first message is in the task hub, ${TURNS} turns:`,
    formatTable(measured, "empty process"),
    `Aim: loaded ${AIM_MS} ms above the host without an app at the median: ${above.toFixed(0)} ms, ${above <= AIM_MS ? "met" : "missed"}.`,
  ].join("\n");
}

function ran(...args: string[]): true | undefined {
  const env = {
    PATH: process.env["PATH"],
    ServiceBus: "Endpoint=sb://unused/;SharedAccessKeyName=n;SharedAccessKey=k",
    SEALING_KEYS: JSON.stringify({ k1: Buffer.alloc(32, 1).toString("base64") }),
  };
  const { status } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], {
    env,
    stdio: ["ignore", "ignore", 2],
  });
  return status === 0 || undefined;
}
