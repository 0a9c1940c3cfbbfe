import { execFileSync, spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { prepareAzurite } from "../../local/azurite/prepare.ts";
import { buildDotnet, cacheFolder, requireDotnet, runTool } from "../../local/first-use.ts";
import { prepareExtension } from "../../local/functions-host/extension/prepare.ts";
import { NotPossible } from "../../local/not-possible.ts";

// `npm run test:extension [-- --long | FILE …]`: what only the Durable Task extension itself, and the .NET
// client of Service Bus, can show. Needs the .NET 10 SDK.

const root = join(import.meta.dirname, "..", "..");
const say = (line: string) => console.log(line);

try {
  await requireDotnet();
  await prepareExtension(say);
  await prepareAzurite(say);
  await buildDotnet("amqp-check", join(import.meta.dirname, "amqp-check"), say);
  for (const project of ["extension-host", "amqp-check"])
    await runTool("dotnet", ["format", "--verify-no-changes", "--no-restore"], cacheFolder(project));
  execFileSync(process.execPath, [join(root, "build.ts"), "--quiet"], { stdio: ["ignore", 2, 2] });
  say(`Microsoft.Azure.WebJobs.Extensions.DurableTask ${versionOf("Microsoft.Azure.WebJobs.Extensions.DurableTask")}`);
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { long: { type: "boolean", default: false } } });
  const all = ["test/extension/*.check.ts", ...(values.long ? ["test/extension/*.long.ts"] : [])];
  const files = positionals.length > 0 ? positionals : globSync(all, { cwd: root }).sort();
  // One file at a time: each has a .NET process and Azurite beside itself.
  const options = ["--test", "--test-concurrency=1", "--test-global-setup=test/global-setup.ts"];
  const ended = spawnSync(process.execPath, [...process.execArgv, ...options, ...files], { cwd: root, stdio: "inherit" });
  process.exitCode = ended.status ?? 1;
} catch (error) {
  if (error instanceof NotPossible) say(`Skipped. ${error.message}`);
  else {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

function versionOf(name: string): string {
  const file = join(root, "local", "functions-host", "extension", "dotnet", "packages.lock.json");
  const { dependencies } = JSON.parse(readFileSync(file, "utf8")) as { dependencies: Record<string, Record<string, { resolved: string }>> };
  return Object.values(dependencies)[0]?.[name]?.resolved ?? "of an unknown version";
}
