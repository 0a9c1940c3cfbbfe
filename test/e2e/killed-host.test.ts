import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { gatewayEntityKey } from "../../shared/durable/entity-keys.ts";
import { freeGateway, type Gateway } from "../../shared/durable/gateway.ts";
import { instanceIdOf } from "../../shared/durable/instance-id.ts";
import { eventually } from "../support/eventually.ts";
import { startTestStack } from "../support/running-stack.ts";
import { sampleEvent, structured } from "../support/sample.ts";

// The functions host is killed with SIGKILL, as often as it takes; the rest of the stack goes on.

let stack: Awaited<ReturnType<typeof startTestStack>>;
before(async () => {
  stack = await startTestStack({ speed: 3 });
});
after(() => stack.stop());

const killHost = async () => {
  const pid = stack.stack.hostPid();
  process.kill(pid, "SIGKILL");
  await eventually("the host is back", () => stack.stack.hostPid() !== pid);
};

function requestFor(gateway: number) {
  return sampleEvent((event) => {
    event.data.target.gatewayName = `gateway${gateway}`;
    event.data.target.connectionName = `connection${gateway}`;
  });
}

// After "validated" the lease is asked for; after "verified" nothing is missing but the answer.
for (const [gateway, step] of ["received", "validated", "submitted", "polled", "provisioned", "verified", "published"].entries()) {
  test(`killed right after "${step}": one PUT, one event, the lease is free, and the host is back`, async () => {
    const event = requestFor(gateway + 1);
    await stack.send(structured(event));
    const instanceId = instanceIdOf(event.source, event.id);
    await eventually(`the step ${step}`, () => stack.steps.find((seen) => seen.step === step && seen["instanceId"] === instanceId));
    await killHost();
    const answer = await eventually("the answer", () => stack.received.find(({ body }) => body.data.requestId === event.id), 30_000);
    assert.equal(answer.body.data.outcome, "Succeeded", JSON.stringify(answer.body.data.problem));
    await eventually("the instance has ended", async () => (await statusOf(answer.body.id)) === "Completed");
    const puts = (await stack.seen()).filter(
      ({ method, url, status }) => method === "PUT" && url.includes(`/connection${gateway + 1}?`) && status !== null && status < 300,
    );
    assert.equal(puts.length, 1, "one effective PUT");
    const ids = new Set(stack.received.filter(({ body }) => body.data.requestId === event.id).map(({ body }) => body.id));
    assert.equal(ids.size, 1, "one event id");
    const lease = (await (await managed(`entities/gateway/${gatewayEntityKey(event.data.target)}`)).json()) as Gateway;
    assert.deepEqual({ ...lease, fences: {}, keys: {} }, freeGateway, "the lease is free");
  });
}

const managed = (path: string) => fetch(`${stack.stack.endpoints.functionsHost}/runtime/webhooks/durabletask/${path}`);

async function statusOf(eventId: string): Promise<string> {
  const response = await managed(`instances/${eventId.replace(".completed", "")}`);
  return ((await response.json()) as { runtimeStatus: string }).runtimeStatus;
}

test("messages sent while the host is away are handled when it is back, and the store is enough to know where it was", async () => {
  const running = requestFor(20);
  await stack.send(structured(running));
  await eventually("a poll", () => stack.steps.find((seen) => seen.step === "polled" && JSON.stringify(seen).includes("/gateway20")));
  const pid = stack.stack.hostPid();
  process.kill(pid, "SIGKILL");
  const waiting = requestFor(21);
  await stack.send(structured(waiting));

  const program = `
    const { DatabaseSync } = require("node:sqlite");
    const store = new DatabaseSync(process.argv[1], { readOnly: true });
    console.log(JSON.stringify(store.prepare("SELECT status, custom_status FROM instances JOIN inputs ON instance = id WHERE input LIKE ?").get("%" + process.argv[2] + "%")));`;
  const reader = spawn(process.execPath, [
    "--disable-warning=ExperimentalWarning",
    "-e",
    program,
    join(stack.dataDirectory, "durable.sqlite"),
    running.id,
  ]);
  const [line] = await once(reader.stdout, "data");
  assert.equal(JSON.parse(String(line)).status, "Running");

  for (const event of [running, waiting]) {
    const answer = await eventually("the answer", () => stack.received.find(({ body }) => body.data.requestId === event.id), 30_000);
    assert.equal(answer.body.data.outcome, "Succeeded");
  }
});

test("killed ten times, each time as soon as it is back: it comes back every time, and still works", async () => {
  for (let kills = 0; kills < 10; kills++) await killHost();
  const event = requestFor(30);
  await stack.send(structured(event));
  const answer = await eventually("the answer", () => stack.received.find(({ body }) => body.data.requestId === event.id), 30_000);
  assert.equal(answer.body.data.outcome, "Succeeded");
});

test("a second host on the same store is refused by name", async () => {
  const main = join(import.meta.dirname, "..", "..", "local", "functions-host", "main.ts");
  const second = spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      main,
      "--app",
      join(import.meta.dirname, "..", ".."),
      "--data-dir",
      stack.dataDirectory,
      "--port",
      "0",
    ],
    {
      env: {
        PATH: process.env["PATH"],
        ServiceBus: stack.stack.endpoints.serviceBus,
        SEALING_KEYS: JSON.stringify({ k1: Buffer.alloc(32).toString("base64") }),
      },
    },
  );
  let said = "";
  second.stderr.on("data", (chunk: Buffer) => (said += chunk));
  const [code] = await once(second, "exit");
  assert.equal(code, 1);
  assert.match(said, /Another functions host is running on/);
  assert.ok(
    new DatabaseSync(join(stack.dataDirectory, "durable.sqlite"), { readOnly: true }).prepare("SELECT COUNT(*) FROM instances").get(),
  );
});
