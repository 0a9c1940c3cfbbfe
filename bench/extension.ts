import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cost, createCostCounter } from "../test/support/cost-on-extension.ts";
import { eventually } from "../test/support/eventually.ts";
import { requestFor, type SampleEvent } from "../test/support/requester.ts";
import { startTestStack } from "../test/support/running-stack.ts";
import { structured } from "../test/support/sample.ts";

const BURST = 40;
const BURSTS = 3;
const BOUND_MS = 300_000;
const AIMS = { turns: 10, storage: 90, perPoll: 12 };

type Stack = Awaited<ReturnType<typeof startTestStack>>;

/** Measures one request on the Durable Task extension, and bursts of requests. */
export async function benchExtension(): Promise<string> {
  execFileSync(process.execPath, [join(import.meta.dirname, "..", "build.ts"), "--quiet"], { stdio: ["ignore", 2, 2] });
  const directory = mkdtempSync(join(tmpdir(), "bench-extension-"));
  const tape = join(directory, "tape");
  const say = (line: string) => console.error(line);
  const stack = await startTestStack({ engine: "extension", storageLog: true, settings: { EXTENSION_TAPE: tape }, say });
  const { countCost } = createCostCounter(stack, tape);
  try {
    await runRequests(stack, [requestFor(1, "warm-up")]);
    const measure = async (request: SampleEvent, operationSeconds: number) => {
      const { connectionName: connection } = request.data.target;
      const headers = { "retry-after": "1" };
      await stack.azure("POST", "/local/faults", [
        { connection, on: "put", operation: { seconds: operationSeconds }, headers: { "retry-after": "2" } },
        { connection, on: "poll", times: "always", headers },
      ]);
      const cost = await countCost(() => runRequests(stack, [request]));
      return { ...cost, polls: stack.received.at(-1)?.body.data.timing.polls as number };
    };
    const plain = await measure(withoutKey(requestFor(2, "plain")), 1);
    const keyed = await measure(requestFor(3, "keyed"), 1);
    const long = await measure(withoutKey(requestFor(4, "long")), 20);
    const perPoll = (long.storage - plain.storage) / (long.polls - plain.polls);
    await stack.azure("POST", "/local/faults", [
      { connection: "*", on: "put", times: "always", headers: { "azure-asyncoperation": null } },
    ]);
    const bursts: number[] = [];
    for (let nth = 0; nth < BURSTS; nth++)
      bursts.push(
        await runRequests(
          stack,
          Array.from({ length: BURST }, (_, index) => requestFor(index + 1, `burst${nth}`)),
        ),
      );
    const seconds = bursts.toSorted((a, b) => a - b)[BURSTS >> 1] ?? Number.NaN;
    const met = (isMet: boolean) => (isMet ? "met" : "missed");
    return [
      `${"".padEnd(24)} turns  calls  signals  activities  storage`,
      lineOf("without a key", plain),
      lineOf("with a key", keyed),
      lineOf("without a key", long),
      `a further poll costs     ${perPoll.toFixed(1)} storage transactions`,
      `bursts of ${BURST}, each for another gateway, operations done at once: ${bursts.map((burst) => burst.toFixed(1)).join(", ")} s,`,
      `at the median ${(BURST / seconds).toFixed(1)} requests a second`,
      `Aims: ${AIMS.turns} turns and ${AIMS.storage} transactions with one poll: ${met(
        plain.polls === 1 && plain.orchestratorTurns <= AIMS.turns && plain.storage <= AIMS.storage,
      )}; ${AIMS.perPoll} transactions for each further poll: ${met(perPoll <= AIMS.perPoll)}.`,
    ].join("\n");
  } finally {
    await stack.stop();
    rmSync(directory, { recursive: true });
  }
}

function lineOf(
  what: string,
  { polls, orchestratorTurns, calls, signals, activities, storage }: Cost & { readonly polls: number },
): string {
  const figures = [orchestratorTurns, calls.length, signals.length, activities, storage];
  const widths = [6, 7, 9, 12, 9];
  return `${`${polls} polls, ${what}`.padEnd(24)}${figures.map((figure, index) => String(figure).padStart(widths[index] ?? 0)).join("")}`;
}

function withoutKey(request: SampleEvent): SampleEvent {
  for (const { properties } of request.data.connection.properties.vpnLinkConnections) delete properties["sharedKey"];
  return request;
}

/** Sends requests at once. Returns the seconds until all are completed. */
async function runRequests(stack: Stack, requests: readonly SampleEvent[]): Promise<number> {
  const startedAt = performance.now();
  await Promise.all(requests.map((request) => stack.send(structured(request))));
  const isCompleted = ({ id }: SampleEvent) => stack.received.some(({ body }) => body.data.requestId === id);
  await eventually("all are completed", () => requests.every(isCompleted), BOUND_MS);
  return (performance.now() - startedAt) / 1000;
}
