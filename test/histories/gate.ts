import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadApp } from "../../local/functions-host/app/load-app.ts";
import { isRun, readVersions, type Versions } from "../../local/functions-host/versions.ts";
import { defineCommand, runCommand, WrongUse } from "../../tools/command-line.ts";
import type { Fixture } from "./fixture.ts";
import { replay } from "./replay.ts";

// `npm run gate -- --deployed <commit>`: may a new build be deployed while instances of the
// deployed version run? The new build replays the histories that the deployed version has recorded.

const root = join(import.meta.dirname, "..", "..");

interface Options {
  readonly deployed: string;
  readonly app: string;
  readonly json?: true;
}

interface Verdict {
  readonly verdict: "additive" | "drain";
  /** How many histories were replayed. */
  readonly replayed: number;
  /** Why instances in flight could not continue. */
  readonly reasons: readonly { readonly history: string; readonly reason: string }[];
}

await runCommand(
  defineCommand(
    "npm run gate",
    "Says whether a new build continues the instances of the deployed version. Exit code: 0 additive, 1 drain, 2 if it cannot say.",
    "npm run gate -- --deployed v0.1.0",
  )
    .requiredOption("--deployed <COMMIT>", "the commit or tag of the deployed version: `commit` in its build-info.json")
    .option("--app <FOLDER>", "the new build: dist, or an unzipped release", "dist")
    .option("--json", "print one JSON object")
    .action(judge),
);

async function judge({ deployed, app: folder, json }: Options): Promise<void> {
  const histories = historiesOf(deployed);
  const found = await verdictOf(resolve(folder), histories, deployedVersions(deployed));
  if (json) console.log(JSON.stringify(found, null, 2));
  else for (const line of linesOf(found, deployed)) console.log(line);
  process.exitCode = found.verdict === "additive" ? 0 : 1;
}

async function verdictOf(folder: string, histories: ReadonlyMap<string, Fixture>, before: Versions): Promise<Verdict> {
  if (!existsSync(join(folder, "package.json"))) throw new WrongUse(`${folder} has no built app. Run npm run build first.`);
  // The app does not start without these two. Nothing is sent and nothing is opened here.
  process.env["ServiceBus"] ??= "Endpoint=sb://127.0.0.1;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true;";
  process.env["SEALING_KEYS"] ??= JSON.stringify({ k1: Buffer.alloc(32).toString("base64") });
  // What the app prints at its start is no part of the verdict.
  console.info = console.error;
  const app = await loadApp(folder);
  const reasons: { history: string; reason: string }[] = [];
  const now = versionsIn(readFileSync(join(folder, "host.json"), "utf8"));
  if (!isRun(before.default, now)) {
    const reason = `Its instances have version "${before.default}", and the new build runs those up to "${now.default}".`;
    reasons.push({ history: "host.json", reason });
  }
  for (const [path, fixture] of histories) {
    try {
      await replay(app, fixture);
    } catch (error) {
      reasons.push({ history: path, reason: (error as Error).message });
    }
  }
  return { verdict: reasons.length === 0 ? "additive" : "drain", replayed: histories.size, reasons };
}

function linesOf({ verdict, replayed, reasons }: Verdict, deployed: string): string[] {
  if (verdict === "additive")
    return [`additive: all ${replayed} histories of ${deployed} replay with the new build. It can be deployed while requests are running.`];
  return [
    ...reasons.flatMap(({ history, reason }) => [`${history}:`, reason, ""]),
    `drain: ${reasons.length} of ${replayed} histories of ${deployed} do not replay with the new build.`,
    "Do not deploy it while requests are running. What to do: docs/operations.md, Deploying while requests are running.",
  ];
}

/** Returns the recorded histories of a commit, by path. */
function historiesOf(commit: string): Map<string, Fixture> {
  const paths = git(commit, "ls-tree", "-r", "--name-only", `${commit}^{commit}`, "--", "test/histories").split("\n");
  const recorded = paths.filter((path) => /^test\/histories\/\d[^/]*\/[^/]+\.json$/.test(path));
  if (recorded.length === 0) throw new WrongUse(`${commit} has no recorded histories in test/histories/.`);
  return new Map(recorded.map((path) => [path, JSON.parse(git(commit, "show", `${commit}:${path}`)) as Fixture]));
}

function deployedVersions(commit: string): Versions {
  return versionsIn(git(commit, "show", `${commit}:host.json`));
}

function versionsIn(hostJson: string): Versions {
  const { extensions } = JSON.parse(hostJson) as { extensions?: { durableTask?: Record<string, string> } };
  const { defaultVersion, versionMatchStrategy } = extensions?.durableTask ?? {};
  return readVersions(defaultVersion, versionMatchStrategy);
}

function git(commit: string, ...args: readonly string[]): string {
  try {
    return execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 26, stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    throw new WrongUse(`git knows no commit ${commit} with host.json and test/histories/. Fetch the whole history and its tags.`);
  }
}
