import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

// A service whose parent is gone ends, whatever it waits for: nobody is left who could kill it.

const module = pathToFileURL(join(import.meta.dirname, "..", "..", "local", "service-process.ts")).href;

for (const [name, service] of [
  ["cannot come to its end", "async () => ({ ready: {}, close: () => new Promise(() => {}) })"],
  ["is still starting", "() => { console.log(); return new Promise(() => {}); }"],
] as const) {
  test(`a service that ${name} ends all the same when its parent is gone`, { timeout: 30_000 }, async (t) => {
    // Its patience is ten seconds; a hundredth of that shows the same.
    const hurry = "globalThis.setTimeout = ((real) => (run, ms) => real(run, ms / 100))(setTimeout);";
    const code = `${hurry} import { runService } from ${JSON.stringify(module)}; setInterval(() => {}, 1000); await runService(${service});`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
    t.after(() => child.kill("SIGKILL"));
    const ended = once(child, "exit");
    assert.ok(child.stdout);
    await once(child.stdout, "data");
    child.disconnect();
    assert.deepEqual(await ended, [1, null]);
  });
}
