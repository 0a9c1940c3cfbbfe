import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ServiceBusClient } from "@azure/service-bus";
import { eventually } from "../support/eventually.ts";
import { leftovers } from "../support/leftovers.ts";
import { sampleEvent } from "../support/sample.ts";

// `npm run dev` in one terminal, `npm run send` in others, without npm in between.

const root = join(import.meta.dirname, "..", "..");
const directory = mkdtempSync(join(tmpdir(), "vpn-dev-"));
after(() => rmSync(directory, { recursive: true, force: true }));

/** A developer's shell with its own Azure sign-in, which must change nothing. */
const shell = {
  ...process.env,
  AZURE_TENANT_ID: "00000000-0000-0000-0000-000000000001",
  AZURE_CLIENT_ID: "00000000-0000-0000-0000-000000000002",
  AZURE_CLIENT_SECRET: "developers-own-secret",
  AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential",
  AZURE_AUTHORITY_HOST: "https://login.invalid",
  ARM_ENDPOINT: "https://management.invalid",
  SEALING_KEYS: "nonsense",
  PROVISIONING_POLICY: "nonsense",
  REQUEST_QUEUE: undefined,
};

function run(script: "dev.ts" | "send.ts", args: readonly string[], env: Record<string, string | undefined> = {}) {
  const child = spawn(
    process.execPath,
    [join(root, "local", "node.js"), join(root, script === "dev.ts" ? "local" : "tools", script), ...args],
    {
      cwd: root,
      env: { ...shell, ...env } as NodeJS.ProcessEnv,
    },
  );
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk));
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { child, ended, out: () => out, err: () => err };
}

interface Ready {
  readonly functionsHost: string;
  readonly serviceBus: string;
  readonly resourceManager: string;
  readonly caFile: string;
  readonly hostPid: number;
}
const readyOf = async (dev: ReturnType<typeof run>) => {
  const line = await eventually(
    "the ready line",
    () => /^\{"ready":.*\}$/m.exec(dev.out())?.[0] ?? (dev.child.exitCode !== null && dev.err()),
  );
  return (JSON.parse(line) as { ready: Ready }).ready;
};

const runId = randomUUID();
const dataDirectory = join(directory, "data");
let dev: ReturnType<typeof run>;
let ready: Ready;
before(async () => {
  dev = run("dev.ts", ["--port", "0", "--service-bus-port", "0", "--data-dir", dataDirectory, "--json"], { VPN_STACK_RUN_ID: runId });
  ready = await readyOf(dev);
});

// Whatever failed before, nothing keeps this file from ending.
after(() => dev.child.kill("SIGTERM"));

function requestFile(change: Parameters<typeof sampleEvent>[0] = () => {}) {
  const event = sampleEvent(change);
  const file = join(directory, `${event.id}.json`);
  writeFileSync(file, JSON.stringify(event));
  return { event, file };
}

test("five sends at once: each gets the answer to its own request", async () => {
  const requests = [1, 2, 3, 4, 5].map((n) =>
    requestFile((event) => Object.assign(event.data.target, { gatewayName: `gateway${n}`, connectionName: `branch-${n}` })),
  );
  const sends = requests.map(({ file }) => run("send.ts", ["--json", file], { ServiceBus: ready.serviceBus }));
  for (const [index, send] of sends.entries()) {
    assert.equal(await send.ended, 0, send.err());
    const { data, subject } = JSON.parse(send.out()).event;
    assert.deepEqual([data.requestId, data.outcome], [requests[index]?.event.id, "Succeeded"]);
    assert.ok(subject.endsWith(`/branch-${index + 1}`));
  }
});

test("a request that is rejected: exit code 1, and the event on stdout", async () => {
  const { file } = requestFile((event) => Object.assign(event.data, { prority: 1 }));
  const send = run("send.ts", ["--json", file], { ServiceBus: ready.serviceBus });
  assert.equal(await send.ended, 1);
  assert.equal(JSON.parse(send.out()).event.data.problem.code, "InvalidRequest");
});

test("the same request, sent again, is answered again", async () => {
  const { file } = requestFile();
  const answers = [];
  for (let times = 0; times < 2; times++) {
    const send = run("send.ts", ["--json", file], { ServiceBus: ready.serviceBus });
    assert.equal(await send.ended, 0, send.err());
    answers.push(JSON.parse(send.out()).event);
  }
  assert.deepEqual(answers[1], answers[0]);
});

test("a file that is no JSON is answered, too", async () => {
  const file = join(directory, "junk.json");
  writeFileSync(file, "{ junk");
  const send = run("send.ts", ["--json", file], { ServiceBus: ready.serviceBus });
  assert.equal(await send.ended, 1, send.err());
  assert.equal(JSON.parse(send.out()).event.data.problem.code, "UnreadableMessage");
});

const wrongUses: readonly (readonly [name: string, script: "dev.ts" | "send.ts", args: readonly string[], says: RegExp])[] = [
  ["dev with an unknown option", "dev.ts", ["--prot", "1"], /--prot/],
  ["dev with a port that is none", "dev.ts", ["--port", "http"], /'http' is invalid\. It takes a whole number from 0 to 65535\./],
  ["dev with half a port", "dev.ts", ["--port", "1.5"], /'1\.5' is invalid\. It takes a whole number from 0 to 65535\./],
  ["dev with an empty port", "dev.ts", ["--service-bus-port", ""], /--service-bus-port <port>' argument '' is invalid/],
  ["dev with an endpoint without TLS", "dev.ts", ["--arm-endpoint", "http://x"], /'http:\/\/x' is invalid\. It takes an https URL\./],
];
for (const [name, script, args, says] of wrongUses) {
  test(`${name}: a sentence, and an exit code`, async () => {
    const used = run(script, args, { ServiceBus: ready.serviceBus });
    assert.notEqual(await used.ended, 0);
    assert.match(used.err(), says);
    assert.doesNotMatch(used.err(), /\n {4}at /, "no stack trace");
  });
}

for (const [option, other] of [
  ["--port", "--service-bus-port"],
  ["--service-bus-port", "--port"],
] as const) {
  test(`${option} that is taken: a sentence with the port, and nothing stays behind`, async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
    const { port } = squatter.address() as { port: number };
    const own = randomUUID();
    const second = run("dev.ts", [option, String(port), other, "0", "--data-dir", join(directory, own)], { VPN_STACK_RUN_ID: own });
    assert.equal(await second.ended, 2);
    assert.match(second.err(), new RegExp(`${port}.*${option}`, "s"));
    assert.doesNotMatch(second.err(), /\n {4}at /, "no stack trace");
    squatter.close();
    await eventually("every process has ended", () => leftovers(own).length === 0);
  });
}

test("a second stack on the same data directory is refused", async () => {
  const second = run("dev.ts", ["--port", "0", "--service-bus-port", "0", "--data-dir", dataDirectory]);
  assert.equal(await second.ended, 2);
  assert.match(second.err(), /Another stack is running on/);
  const { file } = requestFile((event) => Object.assign(event.data.target, { gatewayName: "gateway7" }));
  process.kill(ready.hostPid, "SIGKILL");
  const send = run("send.ts", [file], { ServiceBus: ready.serviceBus });
  assert.equal(await send.ended, 0, `the first stack is unharmed, its host even comes back: ${send.err()}${send.out()}`);
  const told = dev
    .out()
    .split("\n")
    .filter((line) => line.startsWith('{"host":'))
    .map((line) => (JSON.parse(line) as { host: { event: string; pid: number; why?: string } }).host);
  assert.deepEqual(
    told.map(({ event }) => event),
    ["died", "back"],
  );
  assert.equal(told[0]?.pid, ready.hostPid);
  assert.match(String(told[0]?.why), /SIGKILL/);
});

test("what it keeps is its owner's alone, and holds nothing of the shell", () => {
  assert.equal(statSync(dataDirectory).mode & 0o777, 0o700);
  for (const secret of ["sealing-keys.json", "endpoints.json"]) assert.equal(statSync(join(dataDirectory, secret)).mode & 0o777, 0o600);
  assert.ok(!dev.out().includes("developers-own-secret"));
});

test("SIGTERM: what runs is finished or kept, exit code 0, no process left, and a new stack goes on from the data", async () => {
  const { event, file } = requestFile((each) => Object.assign(each.data.target, { gatewayName: "gateway9" }));
  const send = run("send.ts", [file], { ServiceBus: ready.serviceBus });
  await eventually("the request was submitted", () => dev.out().includes('\\"step\\":\\"submitted\\"') && dev.out().includes(event.id));
  send.child.kill("SIGINT");
  assert.equal(await send.ended, 130);
  dev.child.kill("SIGTERM");
  assert.equal(await dev.ended, 0, dev.err());
  await eventually("every process has ended", () => leftovers(runId).length === 0);

  const again = run("dev.ts", ["--port", "0", "--service-bus-port", "0", "--data-dir", dataDirectory, "--json"], {
    VPN_STACK_RUN_ID: runId,
  });
  const { serviceBus } = await readyOf(again);
  const client = new ServiceBusClient(serviceBus);
  const events = await client.createReceiver("vpn-connection-events", "all").peekMessages(1);
  assert.equal(events.length, 1, "what the broker had, it still has");
  await client.close();
  // The simulator is new: the connection is not there any more, and the request ends with an answer
  // that says so.
  await eventually("the instance went on and published", () => again.out().includes('\\"step\\":\\"published\\"'));
  again.child.kill("SIGTERM");
  assert.equal(await again.ended, 0);
});
