import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { startChild } from "../../local/stack/child.ts";
import { createChildEnvironment, type Environment } from "../../local/stack/environment.ts";
import { startStack } from "../../local/stack/index.ts";

// Why a process of the stack ended is told: exit code or signal, the last errors, where the log is.

const root = join(import.meta.dirname, "..", "..");
let directory: string;
before(() => {
  directory = mkdtempSync(join(tmpdir(), "ending-"));
  writeFileSync(join(directory, "service.log"), "");
});
after(() => rmSync(directory, { recursive: true, force: true }));

const key = "c2VjcmV0IGtleSBvZiB0aGlydHktdHdvIGJ5dGVzISE=";
/** Runs a service that is ready and then does what `code` says; returns what is told of its end. */
async function endOf(code: string, env: Environment = {}): Promise<string> {
  const script = join(directory, "service.mjs");
  writeFileSync(script, `console.log('{"ready":{}}'); setTimeout(() => { ${code} }, 20);`);
  const child = await startChild(script, {
    ...{ title: "The service", log: join(directory, "service.log"), args: [], onLine() {} },
    env: createChildEnvironment(process.env, process.env["VPN_STACK_RUN_ID"] ?? "ending", {
      SEALING_KEYS: JSON.stringify({ k1: key }),
      ...env,
    }),
  });
  await child.ended;
  return child.describeEnding();
}

const rows: readonly (readonly [name: string, code: string, told: RegExp])[] = [
  ["an exit code", "process.exit(7)", /^The service ended with exit code 7\.\nThe whole log is in .*\/ending-\w+\/service\.log\.$/],
  [
    "a kill",
    'process.kill(process.pid, "SIGKILL")',
    /^The service was ended by SIGKILL: sent by a user or a program, or by the system because memory ran out/,
  ],
  ["an abort", "process.abort()", /^The service was ended by SIGABRT\./],
  [
    "an error nobody caught",
    'throw new TypeError("the reason")',
    /ended with exit code 1\.\n[\s\S]* {2}TypeError: the reason\n[\s\S]*whole log/,
  ],
  ["a key in an error", `console.error("opened with ${key}"); process.exit(1)`, /\n {2}opened with …\nThe whole log/],
];
for (const [name, code, told] of rows) test(`${name} is told`, async () => assert.match(await endOf(code), told));

test("many and long errors are told in few and short lines: the last ones", async () => {
  const told = await endOf('for (let n = 0; n < 500; n++) console.error(n + " " + "x".repeat(5000)); process.exitCode = 1');
  const lines = told.split("\n");
  assert.equal(lines.length, 8);
  assert.match(lines.at(-2) ?? "", /^ {2}499 x+$/);
  assert.ok(told.length < 2_000);
});

test("a heap that is full is told as such", { timeout: 60_000 }, async () => {
  const code = "const kept = []; for (;;) kept.push(new Array(10_000).fill(kept.length + 0.5));";
  const told = await endOf(code, { NODE_OPTIONS: "--max-old-space-size=20" });
  assert.match(
    told,
    /^The service ran out of memory\.\n[\s\S]*heap out of memory[\s\S]*\nThe whole log is in .*\/ending-\w+\/service\.log\.$/,
  );
  assert.doesNotMatch(told, /0x[0-9a-f]+/, "no native stack");
});

test("the last word about a host that dies whenever it is started says why it dies, and its log has the whole", {
  timeout: 60_000,
}, async () => {
  const preload = join(directory, "dies.mjs");
  writeFileSync(
    preload,
    `const { write } = process.stdout;
process.stdout.write = (text, ...rest) => {
  if (String(text).startsWith('{"ready"')) setTimeout(() => { console.error("Error: the reason"); process.exit(3); }, 20);
  return write.call(process.stdout, text, ...rest);
};`,
  );
  const dataDirectory = join(directory, "stack");
  const died: string[] = [];
  const stack = await startStack({
    ...{ dataDirectory, port: 0, serviceBusPort: 0, speed: 1, shell: process.env, onLine() {} },
    app: join(root, "test", "conformance", "durable-app"),
    settings: { NODE_OPTIONS: `--import ${pathToFileURL(preload)}` },
    onHost: (event, _pid, why = "") => event === "died" && died.push(why),
  });
  const log = join(dataDirectory, "functions-host.log");
  const why = `The functions host ended with exit code 3.\n  Error: the reason\nThe whole log is in ${log}.`;
  try {
    assert.equal(await stack.failed, `The functions host dies whenever it is started. ${why}`);
    assert.deepEqual(died, Array(5).fill(why));
  } finally {
    await stack.stop();
  }
  assert.equal(readFileSync(log, "utf8").match(/Error: the reason/g)?.length, 5);
});
