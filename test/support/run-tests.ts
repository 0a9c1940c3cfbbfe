import { spawn } from "node:child_process";
import { globSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { WrongUse } from "../../tools/command-line.ts";

const root = join(import.meta.dirname, "..", "..");

/**
 * Returns the test files that paths name: the files themselves, and everything in the folders.
 * Throws a sentence for any other path.
 */
export function testFilesIn(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) throw new WrongUse(`There is no file or folder ${path}.`);
    if (stats.isFile()) {
      if (!/\.(test|check|long)\.ts$/.test(path)) throw new WrongUse(`The file ${path} has no tests: their files end in .test.ts.`);
      return [resolve(path)];
    }
    const files = globSync(join(resolve(path), "**", "*.test.ts")).sort();
    if (files.length === 0) throw new WrongUse(`The folder ${path} has no tests (files named *.test.ts).`);
    return files;
  });
}

/** Runs test files in a process of their own, and returns its exit code. */
export async function runTests(options: readonly string[], files: readonly string[]): Promise<number> {
  const fixed = ["--test", "--test-global-setup=test/global-setup.ts"];
  const child = spawn(process.execPath, [...process.execArgv, ...fixed, ...options, ...files], { cwd: root, stdio: "inherit" });
  // The terminal sends Ctrl-C to the whole process group; a signal sent to this process alone is
  // passed on.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
}
