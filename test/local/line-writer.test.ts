import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createLineWriter } from "../../local/line-writer.ts";

test("lines of one turn of the event loop are written together, in their order", async () => {
  const written: string[] = [];
  const writeLine = createLineWriter((text) => written.push(text));
  writeLine("one");
  writeLine("two");
  assert.deepEqual(written, []);
  await turn();
  writeLine("three");
  await turn();
  await turn();
  assert.deepEqual(written, ["one\ntwo\n", "three\n"]);
});

test("what was not written yet is written when the process exits", () => {
  const file = join(import.meta.dirname, "..", "..", "local", "line-writer.ts");
  const program = `import { createLineWriter } from ${JSON.stringify(file)}; createLineWriter()("last words"); process.exit(3);`;
  let printed = "";
  try {
    execFileSync(process.execPath, ["--input-type=module", "--eval", program], { stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    printed = String((error as { stdout: Buffer }).stdout);
  }
  assert.equal(printed, "last words\n");
});

test("what a service logs while it starts comes before its ready line", () => {
  const folder = join(import.meta.dirname, "..", "..", "local");
  const program = `
    import { createLineWriter } from ${JSON.stringify(join(folder, "line-writer.ts"))};
    import { runService } from ${JSON.stringify(join(folder, "service-process.ts"))};
    const writeLine = createLineWriter();
    await runService(async () => {
      writeLine("the version");
      return { ready: { port: 1 }, close: async () => {} };
    });
    process.exit();`;
  const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  assert.equal(printed, 'the version\n{"ready":{"port":1}}\n');
});
