import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Taped } from "../../local/functions-host/extension/index.ts";
import { gatewayEntityKey } from "../../shared/durable/entity-keys.ts";
import { tapeOf, writeTape } from "../histories/tape.ts";
import { eventually } from "../support/eventually.ts";
import { requester, type SampleEvent } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";
import { playScenes } from "./scenes.ts";

// Records what the Durable Task extension says to the app, anew:
// `node local/node.js test/extension/record-tapes.ts`, after a build. Needs the .NET 10 SDK.

const BOUND_MS = 300_000;
const directory = mkdtempSync(join(tmpdir(), "tapes-"));
const file = join(directory, "tape.jsonl");
mkdirSync(join(import.meta.dirname, "..", "histories", "extension"), { recursive: true });
const stack = await startTestStack({ engine: "extension", settings: { EXTENSION_TAPE: file }, say: (line) => console.log(line) });
const ask = requester(stack);
const recorded: { scene: string; requests: readonly SampleEvent[] }[] = [];
await Promise.all(
  Object.entries(playScenes).map(async ([scene, play], index) => {
    const requests = await play(stack, ask, `gateway${index + 1}`);
    for (const request of requests) {
      const url = `${stack.stack.endpoints.functionsHost}/runtime/webhooks/durabletask/instances/${ask.idOf(request)}`;
      const hasEnded = async () => ((await (await fetch(url)).json()) as { completed?: unknown; runtimeStatus?: string }).runtimeStatus;
      await eventually(`${scene} has ended`, async () => ["Completed", "Terminated"].includes(String(await hasEnded())), BOUND_MS);
    }
    recorded.push({ scene, requests });
  }),
);
const version = /DurableTask (\d+\.\d+\.\d+)/.exec(stack.lines.join("\n"))?.[1] ?? "unknown";
await stack.stop();
const taped = readFileSync(file, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Taped);
for (const { scene, requests } of recorded) {
  const targets = requests.flatMap(({ data }) => (data.target ? [data.target] : []));
  const keys = targets.map(gatewayEntityKey);
  const tape = tapeOf(taped, version, requests.map(ask.idOf), keys);
  const size = writeTape(scene, tape);
  console.log(`${scene}: ${tape.orchestrations.length} orchestrations, ${tape.entities.length} batches, ${Math.round(size / 1024)} KB`);
}
rmSync(directory, { recursive: true });
// The AMQP library still tries to mend its connections.
process.exit();
