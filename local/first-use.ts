import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { WrongUse } from "../tools/command-line.ts";
import { takeLock } from "./process-lock.ts";

const cache = join(import.meta.dirname, "..", ".local", "cache");
const run = promisify(execFile);

/** Returns the folder of the cache for one prepared thing. */
export function cacheFolder(name: string): string {
  return join(cache, name);
}

/**
 * Prepares a folder of the cache with `work`, unless that was done before for the same content of
 * `inputs`. If several processes start at once, one does the work and the others wait.
 */
export async function prepareOnce(name: string, inputs: readonly string[], work: (folder: string) => Promise<unknown>): Promise<void> {
  const folder = cacheFolder(name);
  mkdirSync(folder, { recursive: true });
  const done = join(folder, "prepared-for");
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(readFileSync(input));
  const wanted = hash.digest("hex");
  const isDone = () => readIfThere(done) === wanted;
  while (!isDone()) {
    const release = tryToTake(folder);
    if (!release) await wait(200);
    else
      try {
        if (isDone()) return;
        await work(folder);
        writeFileSync(done, wanted);
      } finally {
        release();
      }
  }
}

/**
 * Builds the .NET project of a directory, with the packages of its lock file. The program is then
 * in `bin` of its folder of the cache.
 */
export async function buildDotnet(name: string, directory: string, say: (line: string) => void): Promise<void> {
  await requireDotnet();
  const files = readdirSync(directory).filter((file) => /\.(cs|csproj|lock\.json)$/.test(file));
  await prepareOnce(
    name,
    files.map((file) => join(directory, file)),
    (folder) => {
      say(`Building ${name} with .NET (first use) …`);
      // Builds a copy, so that no output is left beside the sources.
      for (const old of globSync("*.cs", { cwd: folder })) rmSync(join(folder, old));
      for (const file of files) copyFileSync(join(directory, file), join(folder, file));
      const options = ["-c", "Release", "-o", "bin", "--nologo", "-v", "quiet", "--disable-build-servers", "-p:RestoreLockedMode=true"];
      return runTool("dotnet", ["build", ...options], folder);
    },
  );
}

/** Throws a sentence if this machine has no .NET 10 SDK, which `what` needs. */
export async function requireDotnet(what = "The Durable Task extension"): Promise<void> {
  const { stdout } = await run("dotnet", ["--list-sdks"]).catch(() => ({ stdout: "" }));
  if (!/^10\./m.test(stdout))
    throw new WrongUse(`${what} needs the .NET 10 SDK, and this machine has none: https://dotnet.microsoft.com/download`);
}

/** Runs a tool to its end. If it fails, throws with its output. */
export async function runTool(file: string, args: readonly string[], cwd?: string): Promise<void> {
  const env = { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: "1", DOTNET_NOLOGO: "1", DOTNET_SKIP_FIRST_TIME_EXPERIENCE: "1" };
  await run(file, args, { cwd, env, shell: process.platform === "win32", maxBuffer: 100 * 1024 ** 2 }).catch(
    (error: Error & { stdout?: string; stderr?: string }) => {
      throw new Error(`${file} ${args[0]} failed: ${[error.stdout, error.stderr].join("\n").trim() || error.message}`);
    },
  );
}

function tryToTake(folder: string): (() => void) | undefined {
  try {
    return takeLock(folder, "prepare", "process");
  } catch {
    return undefined;
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
