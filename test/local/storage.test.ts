import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs, { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { ServiceBusClient } from "@azure/service-bus";
import { openDatabase } from "../../local/functions-host/store/open.ts";
import { startChild } from "../../local/stack/child.ts";
import { createChildEnvironment, type Environment } from "../../local/stack/environment.ts";
import { startStack } from "../../local/stack/index.ts";
import { openLogFiles } from "../../local/stack/log-files.ts";
import { startDurableHost } from "../support/durable-host.ts";
import { eventually } from "../support/eventually.ts";

// A full disk and a damaged file are told in one sentence with the file's name, and end what cannot
// go on. A full disk is played by SQLite's own limit on pages, which has the same result code, and
// by /dev/full.

const root = join(import.meta.dirname, "..", "..");
let directory: string;
before(() => {
  directory = mkdtempSync(join(tmpdir(), "storage-"));
});
after(() => rmSync(directory, { recursive: true, force: true }));

/** The environment of a process whose databases may have so many pages. */
function diskOf(pages: number): Environment {
  const file = join(directory, `pages-${pages}.mjs`);
  const code = `import { DatabaseSync } from "node:sqlite";
const exec = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function (text) {
  exec.call(this, text);
  if (text.includes("journal_mode")) exec.call(this, "PRAGMA max_page_count = ${pages}");
};`;
  writeFileSync(file, code);
  return { NODE_OPTIONS: `--import ${pathToFileURL(file)}` };
}
const startBroker = (dataDirectory: string, env: Environment = {}) =>
  startChild(join(root, "local", "service-bus", "main.ts"), {
    title: "The broker",
    args: ["--port", "0", "--data-dir", dataDirectory],
    env: createChildEnvironment(process.env, process.env["VPN_STACK_RUN_ID"] ?? "storage", env),
    onLine() {},
  });
const full = (path: string) => `The disk is full: ${path} cannot be written. Free some space and start again.`;
/** Starts orchestrations with a large input until the host is gone. */
async function fill(url: string): Promise<void> {
  const body = JSON.stringify("x".repeat(50_000));
  for (let started = 0; started < 200; started++) {
    const answer = await fetch(`${url}/runtime/webhooks/durabletask/orchestrators/returns`, { method: "POST", body }).catch(
      () => undefined,
    );
    if (answer?.status !== 202) return;
  }
  assert.fail("the disk is not full");
}

test("the host ends when its disk is full, and says so", { timeout: 60_000 }, async () => {
  const dataDirectory = join(directory, "host-full");
  const host = await startDurableHost(dataDirectory, () => {}, { settings: diskOf(200) });
  await fill(host.url);
  assert.equal(await host.ended, 74);
  assert.equal(host.describeEnding(), `The functions host cannot use its files.\n  ${full(join(dataDirectory, "durable.sqlite"))}`);
});

test("the broker ends when its disk is full, says so, and takes no message that it cannot keep", { timeout: 60_000 }, async () => {
  const dataDirectory = join(directory, "broker-full");
  const broker = await startBroker(dataDirectory, diskOf(200));
  const client = new ServiceBusClient(String(broker.ready["connectionString"]), { retryOptions: { maxRetries: 0, timeoutInMs: 2_000 } });
  const sender = client.createSender("vpn-connection-requests");
  let taken = 0;
  for (; taken < 200; taken++) {
    const sent = await sender.sendMessages({ body: Buffer.alloc(50_000) }).then(
      () => true,
      () => false,
    );
    if (!sent) break;
  }
  assert.equal(await broker.ended, 74);
  assert.equal(broker.describeEnding(), `The broker cannot use its files.\n  ${full(join(dataDirectory, "service-bus.sqlite"))}`);
  await client.close();
  const again = await startBroker(dataDirectory);
  const onlooker = new ServiceBusClient(String(again.ready["connectionString"]));
  const kept = await onlooker.createReceiver("vpn-connection-requests").peekMessages(250);
  await onlooker.close();
  await again.stop();
  assert.equal(kept.length, taken, "what was acknowledged is there");
});

test("a store that cannot be made because the disk is full is one sentence", async () => {
  const [host, broker] = [join(directory, "host-none"), join(directory, "broker-none")];
  await assert.rejects(
    startDurableHost(host, () => {}, { settings: diskOf(1) }),
    { message: full(join(host, "durable.sqlite")) },
  );
  await assert.rejects(startBroker(broker, diskOf(1)), { message: full(join(broker, "service-bus.sqlite")) });
});

const rubbish = "this is no database ".repeat(500);
const damaged = (path: string) => `The file ${path} is damaged (file is not a database). Delete it or give another --data-dir.`;
for (const file of ["durable.sqlite", "durable.lock"]) {
  test(`a damaged ${file} is told by its name`, async () => {
    const dataDirectory = join(directory, `damaged-${file}`);
    mkdirSync(dataDirectory);
    writeFileSync(join(dataDirectory, file), rubbish);
    await assert.rejects(startDurableHost(dataDirectory), { message: damaged(join(dataDirectory, file)) });
  });
}
test("a damaged service-bus.sqlite is told by its name", async () => {
  const dataDirectory = join(directory, "damaged-broker");
  mkdirSync(dataDirectory);
  writeFileSync(join(dataDirectory, "service-bus.sqlite"), rubbish);
  await assert.rejects(startBroker(dataDirectory), { message: damaged(join(dataDirectory, "service-bus.sqlite")) });
});

test("a store whose first page is whole and whose others are not is told by its name when they are read", () => {
  const dataDirectory = join(directory, "damaged-inside");
  const whole = openDatabase(dataDirectory);
  whole.sql.exec("INSERT INTO entities VALUES ('one', 'x')");
  whole.close();
  const path = join(dataDirectory, "durable.sqlite");
  const bytes = readFileSync(path);
  writeFileSync(path, Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096, 0xff)]));
  const reading = () => {
    const { sql, close } = openDatabase(dataDirectory);
    try {
      sql.prepare("SELECT * FROM entities").all();
    } finally {
      close();
    }
  };
  assert.throws(reading, {
    message: `The file ${path} is damaged (database disk image is malformed). Delete it or give another --data-dir.`,
  });
});

test("a data directory that is a file is told by its name", async () => {
  const dataDirectory = join(directory, "a-file");
  writeFileSync(dataDirectory, "");
  const start = startStack({ dataDirectory, port: 0, serviceBusPort: 0, speed: 1, shell: process.env, onLine() {} });
  await assert.rejects(
    start,
    /^Error: .*a-file cannot be opened or written \(EEXIST.*\)\. Check its permissions, or give another --data-dir\.$/,
  );
});

test("a file of the stack that does not fit on the disk is told by its name, and no half of it is left", {
  skip: noDevFull(),
}, async () => {
  const dataDirectory = join(directory, "stack-full");
  mkdirSync(dataDirectory);
  symlinkSync("/dev/full", join(dataDirectory, "ca.pem.part"));
  const start = startStack({ dataDirectory, port: 0, serviceBusPort: 0, speed: 1, shell: process.env, onLine() {} });
  await assert.rejects(start, { message: full(join(dataDirectory, "ca.pem")) });
  assert.deepEqual(
    readdirSync(dataDirectory).filter((name) => name.startsWith("ca")),
    [],
  );
});

test("the stack does not start a host again that has no disk: its last word is the reason", { timeout: 60_000 }, async () => {
  const dataDirectory = join(directory, "stack-host-full");
  const events: string[] = [];
  const stack = await startStack({
    ...{ dataDirectory, port: 0, serviceBusPort: 0, speed: 1, shell: process.env, onLine() {} },
    app: join(root, "test", "conformance", "durable-app"),
    settings: diskOf(200),
    onHost: (event) => events.push(event),
  });
  try {
    await fill(stack.endpoints.functionsHost);
    const lines = (await stack.failed).split("\n");
    assert.deepEqual(lines, [
      "The functions host cannot use its files.",
      `  ${full(join(dataDirectory, "durable.sqlite"))}`,
      `The whole log is in ${join(dataDirectory, "functions-host.log")}.`,
    ]);
    assert.deepEqual(events, []);
  } finally {
    await stack.stop();
  }
});

test("a log that cannot be written is told once, and logging it is no error", () => {
  const failures: string[] = [];
  const logs = openLogFiles(directory, (reason) => failures.push(reason));
  logs.write("some-service", "one");
  const { writeSync } = fs;
  fs.writeSync = () => {
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  };
  syncBuiltinESMExports();
  try {
    for (const line of ["two", "three"]) logs.write("some-service", line);
  } finally {
    fs.writeSync = writeSync;
    syncBuiltinESMExports();
    logs.close();
  }
  assert.deepEqual(failures, [full(join(directory, "some-service.log"))]);
  assert.equal(readFileSync(join(directory, "some-service.log"), "utf8"), "one\n");
});

test("npm run dev with its output on a full disk ends with the reason", { skip: noDevFull(), timeout: 60_000 }, async () => {
  const out = openSync("/dev/full", "w");
  const options = ["--port", "0", "--service-bus-port", "0", "--data-dir", join(directory, "dev")];
  const dev = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(root, "local", "dev.ts"), ...options], {
    cwd: root,
    stdio: ["ignore", out, "pipe"],
  });
  closeSync(out);
  let err = "";
  dev.stderr?.on("data", (chunk: Buffer) => (err += chunk));
  const code = await eventually("it ends", () => dev.exitCode ?? undefined, 50_000).finally(() => dev.kill("SIGTERM"));
  assert.equal(err, "The disk is full: the output cannot be written. Free some space and start again.\n");
  assert.equal(code, 1);
});

function noDevFull(): string | false {
  return fs.existsSync("/dev/full") ? false : "this machine has no /dev/full";
}
