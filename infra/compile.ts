import { execFile } from "node:child_process";
import { chmodSync, copyFileSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, prepareOnce, requireDotnet, runTool } from "../local/first-use.ts";
import { defineCommand, runCommand, WrongUse } from "../tools/command-line.ts";
import { bicepVersion, currentLock, lockFile } from "./lock.ts";
import { writeRoleTable } from "./role-table.ts";

// `npm run infra`: compiles the Bicep files, and evaluates what they would deploy. Tests read the
// results, so that they need neither Bicep nor Azure.

const folder = import.meta.dirname;
const run = promisify(execFile);

/** A subscription that does not exist: names in snapshots are computed from it. */
const place = [
  ...["--subscription-id", "00000000-0000-0000-0000-00000000000a"],
  ...["--tenant-id", "00000000-0000-0000-0000-0000000000ff"],
  ...["--location", "westeurope"],
];

await runCommand(
  defineCommand(
    "npm run infra",
    "Compiles infra/*.bicep to JSON, and writes what would be deployed to infra/snapshots/.",
    "npm run infra",
  ).action(compile),
);

async function compile(): Promise<void> {
  const bicep = process.env["BICEP"] || (await downloadBicep());
  const { stdout } = await run(bicep, ["--version"]).catch((error: Error) => {
    throw new WrongUse(`Bicep does not start: ${error.message.trim()}`);
  });
  if (!stdout.includes(`version ${bicepVersion} `)) throw new WrongUse(`${bicep} is not Bicep ${bicepVersion}: ${stdout.trim()}`);
  await import("./monitoring/workbook.ts");
  await runStrictly(bicep, ["build", "main.bicep", "--outfile", "main.json"]);
  for (const file of globSync("snapshots/*.bicepparam", { cwd: folder }).sort()) {
    await runStrictly(bicep, ["snapshot", file, ...place]);
    sortOutputs(join(folder, file.replace(/\.bicepparam$/, ".snapshot.json")));
  }
  writeFileSync(lockFile, `${JSON.stringify(currentLock(), null, 2)}\n`);
  writeRoleTable();
  console.log(`Compiled with Bicep ${bicepVersion}.`);
}

/** Throws for warnings, too: a wrong type of a property is only a warning for Bicep. */
async function runStrictly(bicep: string, args: readonly string[]): Promise<void> {
  const { stderr } = await run(bicep, args, { cwd: folder }).catch((error: { stderr?: string }) => ({
    stderr: error.stderr ?? String(error),
  }));
  if (/: (Warning|Error) /.test(stderr)) throw new Error(`bicep ${args[0]} ${args[1]}:\n${stderr.trim()}`);
}

/** Sorts the outputs of a snapshot, which Bicep writes in another order each time. */
function sortOutputs(path: string): void {
  const { outputs, ...rest } = JSON.parse(readFileSync(path, "utf8")) as { outputs: Record<string, unknown> };
  const sorted = Object.fromEntries(Object.entries(outputs).sort(([one], [other]) => (one < other ? -1 : 1)));
  writeFileSync(path, `${JSON.stringify({ ...rest, outputs: sorted }, null, 2)}\n`);
}

/** Returns the path of the Bicep CLI, which is downloaded from NuGet on first use. */
async function downloadBicep(): Promise<string> {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new WrongUse(`Set BICEP to the path of Bicep ${bicepVersion}: only on Linux with x64 it is downloaded.`);
  await requireDotnet("Downloading Bicep");
  const project = join(folder, "bicep", "bicep.csproj");
  const cache = cacheFolder("bicep");
  const path = join(cache, "packages", "azure.bicep.commandline.linux-x64", bicepVersion, "tools", "bicep");
  await prepareOnce("bicep", [project], async () => {
    console.log("Downloading Bicep with .NET (first use) …");
    copyFileSync(project, join(cache, "bicep.csproj"));
    await runTool("dotnet", ["restore", "--nologo", "-v", "quiet", "--packages", "packages"], cache);
    chmodSync(path, 0o755);
  });
  return path;
}
