import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { eventType } from "../local/functions-host/durable/events.ts";
import { instanceIdOf } from "../shared/durable/instance-id.ts";
import { eventually } from "../test/support/eventually.ts";
import { startTestStack } from "../test/support/running-stack.ts";
import { sampleEvent, structured } from "../test/support/sample.ts";

const WARM_UP = 5;
const BOUND_MS = 120_000;

/** What requests one after the other ask of Azure. */
interface Case {
  readonly name: string;
  readonly requests: number;
  readonly operationSeconds: number;
  readonly retryAfterSeconds: number;
}
const cases: readonly Case[] = [
  { name: "done at once", requests: 40, operationSeconds: 0, retryAfterSeconds: 0 },
  { name: "3 s, Retry-After 1", requests: 10, operationSeconds: 3, retryAfterSeconds: 1 },
];

/** How much longer than Azure's own operation a request takes from its message to its event, one at a time, and what it leaves in the history. */
export async function benchLatency(): Promise<string> {
  execFileSync(process.execPath, [join(import.meta.dirname, "..", "build.ts"), "--quiet"], { stdio: ["ignore", 2, 2] });
  const stack = await startTestStack();
  try {
    const lines = ["From a message to its event, beyond the operation's own time; then what the history of one request is:"];
    await measured(stack, { name: "warm-up", requests: WARM_UP, operationSeconds: 0, retryAfterSeconds: 0 });
    for (const each of cases) {
      const { times, last } = await measured(stack, each);
      const { events, bytes, activities } = await historyOf(stack, last);
      const sorted = times.toSorted((a, b) => a - b);
      const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(0);
      lines.push(
        `${each.name.padEnd(20)} median ${at(0.5)} ms, p95 ${at(0.95)} ms; ${events} events, ${(bytes / 1024).toFixed(1)} KB, ${activities} activity calls`,
      );
    }
    return lines.join("\n");
  } finally {
    await stack.stop();
  }
}

type Stack = Awaited<ReturnType<typeof startTestStack>>;

/** Sends requests one after the other; answers their times in milliseconds, and the last one's instance. */
async function measured(stack: Stack, { name, requests, operationSeconds, retryAfterSeconds }: Case) {
  const headers = operationSeconds === 0 ? { "azure-asyncoperation": null } : { "retry-after": String(retryAfterSeconds) };
  await stack.azure("DELETE", "/local/faults");
  await stack.azure("POST", "/local/faults", [
    { connection: "*", on: "put", times: "always", operation: { seconds: operationSeconds }, headers },
    { connection: "*", on: "poll", times: "always", headers },
  ]);
  const times: number[] = [];
  let last = "";
  for (let index = 0; index < requests; index++) {
    const event = sampleEvent(({ data }) => {
      data.target.gatewayName = `gateway${index + 1}`;
      data.target.connectionName = name.replaceAll(/\W+/g, "-");
    });
    const sentAt = performance.now();
    await stack.send(structured(event));
    const answer = await eventually("the event", () => stack.received.shift(), BOUND_MS);
    times.push(performance.now() - sentAt - operationSeconds * 1000);
    if (answer.body.data.outcome !== "Succeeded") throw new Error(JSON.stringify(answer.body.data.problem));
    last = instanceIdOf(event.source, event.id);
  }
  return { times, last };
}

/** What the host's store keeps of an instance, when it has ended. */
async function historyOf({ dataDirectory }: Stack, instanceId: string) {
  const store = new DatabaseSync(join(dataDirectory, "durable.sqlite"), { readOnly: true });
  const status = store.prepare("SELECT status FROM instances WHERE id = ?");
  await eventually("the end of the instance", () => status.get(instanceId)?.["status"] === "Completed");
  const history = store
    .prepare(
      "SELECT count(*) AS events, sum(length(value)) AS bytes, sum(value ->> 'EventType' = ?) AS activities FROM history, json_each(events) WHERE instance = ?",
    )
    .get(eventType.TaskScheduled, instanceId);
  store.close();
  return history as { events: number; bytes: number; activities: number };
}
