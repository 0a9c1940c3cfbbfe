import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { measure, report } from "./measure.ts";

const root = join(import.meta.dirname, "..");
const AIM_MS = 200;
const TURNS = 9;

/** How long a new process takes until the app has registered its functions, beside an empty process and the app that is not bundled. */
export function benchColdStart(): string {
  execFileSync(process.execPath, [join(root, "build.ts"), "--quiet"], { stdio: ["ignore", 2, 2] });
  const env = {
    PATH: process.env["PATH"],
    ServiceBus: "Endpoint=sb://unused/;SharedAccessKeyName=n;SharedAccessKey=k",
    SEALING_KEYS: JSON.stringify({ k1: Buffer.alloc(32, 1).toString("base64") }),
  };
  const process24 = (program: string) => () =>
    spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program], { env, stdio: "ignore" })
      .status === 0 || undefined;
  const loading = (path: string) => process24(`await import(${JSON.stringify(pathToFileURL(join(root, path)).href)})`);
  const measured = measure(
    [
      { name: "empty process", run: process24("0") },
      { name: "dist/index.js", run: loading("dist/index.js") },
      { name: "functions/index.ts, not bundled", run: loading("functions/index.ts") },
    ],
    TURNS,
  );
  const above = (measured[1]?.median ?? Number.NaN) - (measured[0]?.median ?? Number.NaN);
  return [
    `A new process until the app is loaded, ${TURNS} turns:`,
    report(measured, "empty process"),
    `Aim: ${AIM_MS} ms above an empty process at the median: ${above.toFixed(0)} ms, ${above <= AIM_MS ? "met" : "missed"}.`,
  ].join("\n");
}
