import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Taped } from "../local/functions-host/extension/index.ts";
import { eventually } from "../test/support/eventually.ts";
import { requestFor } from "../test/support/requester.ts";
import { startTestStack } from "../test/support/running-stack.ts";
import { structured } from "../test/support/sample.ts";

const BURST = 40;
const BOUND_MS = 300_000;

type Stack = Awaited<ReturnType<typeof startTestStack>>;

/** Measures one request on the Durable Task extension, and a burst of requests. */
export async function benchExtension(): Promise<string> {
  execFileSync(process.execPath, [join(import.meta.dirname, "..", "build.ts"), "--quiet"], { stdio: ["ignore", 2, 2] });
  const directory = mkdtempSync(join(tmpdir(), "bench-extension-"));
  const tape = join(directory, "tape");
  const say = (line: string) => console.error(line);
  const stack = await startTestStack({ engine: "extension", storageLog: true, settings: { EXTENSION_TAPE: tape }, say });
  try {
    await runRequests(stack, ["warm-up"]);
    await waitUntilQuiet(tape);
    const [turnsBefore, linesBefore] = [readTape(tape).length, stack.lines.length];
    const seconds = await runRequests(stack, ["measured"]);
    const polls = stack.received.at(-1)?.body.data.timing.polls;
    await waitUntilQuiet(tape);
    const turns = readTape(tape).slice(turnsBefore);
    const count = (trigger: string) => turns.filter((turn) => turn.trigger === trigger).length;
    const storage = countStorageRequests(stack.lines.slice(linesBefore));
    await stack.azure("POST", "/local/faults", [
      { connection: "*", on: "put", times: "always", headers: { "azure-asyncoperation": null } },
    ]);
    const burst = await runRequests(
      stack,
      Array.from({ length: BURST }, (_, index) => `burst${index}`),
    );
    return [
      `One request, ${polls} polls of an operation of 6 s: ${seconds.toFixed(1)} s`,
      `orchestrator turns    ${count("orchestrationTrigger")}`,
      `entity turns          ${count("entityTrigger")}`,
      `activities            ${count("activityTrigger")}`,
      `storage transactions  ${storage.work}, and ${storage.looks} looks into queues`,
      `A burst of ${BURST}, each for another gateway, operations done at once: ${burst.toFixed(1)} s, ${(BURST / burst).toFixed(1)} a second`,
    ].join("\n");
  } finally {
    await stack.stop();
    rmSync(directory, { recursive: true });
  }
}

/** Sends a request for each connection at once. Returns the seconds until all are completed. */
async function runRequests(stack: Stack, connections: readonly string[]): Promise<number> {
  const requests = connections.map((connection, index) => requestFor(index + 1, connection));
  const startedAt = performance.now();
  await Promise.all(requests.map((request) => stack.send(structured(request))));
  const isCompleted = ({ id }: { id: string }) => stack.received.some(({ body }) => body.data.requestId === id);
  await eventually("all are completed", () => requests.every(isCompleted), BOUND_MS);
  return (performance.now() - startedAt) / 1000;
}

function readTape(file: string): Taped[] {
  const text = readFileSync(file, "utf8");
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Taped]));
}

/** Waits until no turn was recorded for two seconds. */
async function waitUntilQuiet(tape: string): Promise<void> {
  let [count, since] = [-1, 0];
  await eventually("the last turns have ended", () => {
    const now = readTape(tape).length;
    if (now !== count) [count, since] = [now, performance.now()];
    return performance.now() - since > 2_000;
  });
}

/**
 * Counts the requests in Azurite's access log. `looks` are reads of a queue, which also happen when
 * there is no work.
 */
function countStorageRequests(lines: readonly string[]): { work: number; looks: number } {
  const requests = lines.flatMap((line) => /"([A-Z]+ \/devstoreaccount1\S*)/.exec(line)?.[1] ?? []);
  const looks = requests.filter((request) => /^GET \S+\/messages\?/.test(request)).length;
  return { work: requests.length - looks, looks };
}
