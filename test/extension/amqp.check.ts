import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { buildDotnet, cacheFolder } from "../../local/first-use.ts";
import { startServiceBus } from "../../local/service-bus/index.ts";

// Our broker as the .NET client of Service Bus sees it. Ticketing systems are often written in
// .NET.

const name = "amqp-check";
const directory = join(import.meta.dirname, name);
const QUESTIONS = 14;

test("the .NET client of Service Bus on our broker", async (t) => {
  await buildDotnet(name, directory, (line) => t.diagnostic(line));
  const broker = await startServiceBus({ port: 0, configFile: join(directory, "config.json") });
  try {
    const env = { ...process.env, SERVICEBUS_CONNECTION: broker.connectionString };
    const child = spawn("dotnet", [join(cacheFolder(name), "bin", `${name}.dll`)], { env, stdio: ["ignore", "pipe", "inherit"] });
    let asked = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      asked++;
      const { name: question, error } = JSON.parse(line) as { name: string; error: string | null };
      await t.test(question, () => assert.equal(error, null));
    }
    assert.equal(asked, QUESTIONS);
  } finally {
    await broker.close();
  }
});
