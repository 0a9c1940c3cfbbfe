import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { prepareAzurite } from "../../local/azurite/prepare.ts";
import { buildApp } from "../../local/build-app.ts";
import { buildDotnet, cacheFolder, requireDotnet, runTool } from "../../local/first-use.ts";
import { prepareExtension } from "../../local/functions-host/extension/prepare.ts";
import { defineCommand, runCommand, WrongUse } from "../../tools/command-line.ts";
import { runTests, testFilesIn } from "../support/run-tests.ts";

// `npm run test:extension [-- --long | FILE …]`: what only the Durable Task extension itself, and
// the .NET client of Service Bus, can show. Needs the .NET 10 SDK.

const root = join(import.meta.dirname, "..", "..");
const say = (line: string) => console.log(line);

await runCommand(
  defineCommand(
    "npm run test:extension",
    "Runs the checks that need the Durable Task extension. Without the .NET 10 SDK they are skipped.",
    "npm run test:extension -- test/extension/amqp.check.ts",
  )
    .argument("[file...]", "the checks to run; all but the long ones if left out")
    .option("--long", "run those that take hours, too")
    .action(runChecks),
);

async function runChecks(named: readonly string[], { long }: { readonly long?: true }): Promise<void> {
  const all = ["test/extension/*.check.ts", ...(long ? ["test/extension/*.long.ts"] : [])];
  const files = named.length > 0 ? testFilesIn(named) : globSync(all, { cwd: root }).sort();
  try {
    await requireDotnet();
  } catch (error) {
    if (!(error instanceof WrongUse)) throw error;
    return say(`Skipped. ${error.message}`);
  }
  await prepareExtension(say);
  await prepareAzurite(say);
  await buildDotnet("amqp-check", join(import.meta.dirname, "amqp-check"), say);
  for (const project of ["extension-host", "amqp-check"])
    await runTool("dotnet", ["format", "--verify-no-changes", "--no-restore"], cacheFolder(project));
  buildApp({ quiet: true });
  say(`Microsoft.Azure.WebJobs.Extensions.DurableTask ${versionOf("Microsoft.Azure.WebJobs.Extensions.DurableTask")}`);
  // One file at a time: each has a .NET process and Azurite beside itself.
  process.exitCode = await runTests(["--test-concurrency=1"], files);
}

function versionOf(name: string): string {
  const file = join(root, "local", "functions-host", "extension", "dotnet", "packages.lock.json");
  const { dependencies } = JSON.parse(readFileSync(file, "utf8")) as { dependencies: Record<string, Record<string, { resolved: string }>> };
  return Object.values(dependencies)[0]?.[name]?.resolved ?? "of an unknown version";
}
