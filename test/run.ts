import { InvalidArgumentError } from "commander";
import { buildApp } from "../local/build-app.ts";
import { defineCommand, runCommand } from "../tools/command-line.ts";
import { runTests, testFilesIn } from "./support/run-tests.ts";

// `npm test`: builds the app, and runs all tests, or those that are named.

await runCommand(
  defineCommand("npm test", "Builds the app and runs its tests.", "npm test -- test/shared test/build.test.ts")
    .argument("[path...]", "files, and folders of test files; all tests if left out")
    .option("--name <pattern>", "run only the tests whose name fits this regular expression", readPattern)
    .action(async (paths: readonly string[], { name }: { readonly name?: string }) => {
      const files = testFilesIn(paths.length > 0 ? paths : [import.meta.dirname]);
      buildApp({ quiet: true });
      const chosen = name === undefined ? [] : [`--test-name-pattern=${name}`];
      process.exitCode = await runTests(["--test-concurrency=2", ...chosen], files);
    }),
);

function readPattern(text: string): string {
  try {
    new RegExp(text);
    return text;
  } catch {
    throw new InvalidArgumentError("It takes a regular expression.");
  }
}
