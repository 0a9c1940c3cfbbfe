import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ServiceBusClient } from "@azure/service-bus";
import { instanceIdOf } from "../../shared/durable/instance-id.ts";
import { eventually } from "../support/eventually.ts";
import { leftovers } from "../support/leftovers.ts";
import { call } from "../support/running-stack.ts";
import { sampleEvent, structured } from "../support/sample.ts";

// `npm run dev` on a copy of the sources that somebody edits.

const root = join(import.meta.dirname, "..", "..");
const copy = mkdtempSync(join(tmpdir(), "vpn-edit-"));
after(() => rmSync(copy, { recursive: true, force: true }));
for (const part of ["functions", "orchestrations", "shared", "local", "examples", "build.ts", "host.json", "package.json", "tsconfig.json"])
  cpSync(join(root, part), join(copy, part), { recursive: true });
symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));

interface Ready {
  readonly serviceBus: string;
  readonly resourceManager: string;
  readonly caFile: string;
}

test("a change of a source is built and the host restarted; what is running goes on; errors show the source's own lines; a change that does not build is told", async () => {
  const runId = randomUUID();
  const options = ["--port", "0", "--service-bus-port", "0", "--data-dir", join(copy, "data"), "--json"];
  const dev = spawn(process.execPath, [join(copy, "local", "node.js"), join(copy, "local", "dev.ts"), ...options], {
    cwd: copy,
    env: { ...process.env, VPN_STACK_RUN_ID: runId },
  });
  let out = "";
  let err = "";
  dev.stdout.on("data", (chunk: Buffer) => (out += chunk));
  dev.stderr.on("data", (chunk: Buffer) => (err += chunk));
  // Whatever fails, nothing of it outlives this file.
  after(() => dev.kill("SIGTERM"));
  const ended = new Promise((resolve) => dev.once("exit", resolve));
  const line = await eventually("the ready line", () => /^\{"ready":.*\}$/m.exec(out)?.[0] ?? (dev.exitCode !== null && err));
  const { serviceBus, resourceManager, caFile } = (JSON.parse(line) as { ready: Ready }).ready;
  const script = (method: string, body?: unknown) => call(resourceManager, method, "/local/faults", body, readFileSync(caFile));
  // However long the build takes: Azure is at work until the edited app has asked.
  const atWork = { status: 200, headers: { "retry-after": "1" }, body: { status: "InProgress" } };
  await script("POST", { connection: "*", on: "poll", times: "always", respond: atWork });
  const client = new ServiceBusClient(serviceBus);
  const event = sampleEvent();
  const sender = client.createSender("vpn-connection-requests");
  await sender.sendMessages(structured(event));
  await eventually("the request is under way", () => out.includes('\\"step\\":\\"submitted\\"'));

  const file = join(copy, "functions", "log-step.ts");
  const source = readFileSync(file, "utf8");
  writeFileSync(file, source.replace("JSON.stringify({ step,", 'JSON.stringify({ step, edited: "yes",'));
  await eventually("the edited app goes on with the request", () => out.includes('\\"step\\":\\"polled\\",\\"edited\\":\\"yes\\"'));
  await script("DELETE");
  await eventually("and ends it", () => out.includes('\\"step\\":\\"published\\",\\"edited\\":\\"yes\\"'));

  const faulty = join(copy, "functions", "validate-request.ts");
  const intact = readFileSync(faulty, "utf8");
  const statement = "unsupportedVersion(type);";
  const place = intact.slice(0, intact.indexOf(statement)).split("\n").length;
  writeFileSync(faulty, intact.replace(statement, `${statement} throw new Error("broken by hand");`));
  for (let broken = false; !broken; ) {
    const plan = sampleEvent(({ data }) => Object.assign(data, { mode: "plan" }));
    await sender.sendMessages(structured(plan));
    await eventually("the app before or the faulty one takes it", () => {
      broken = out.includes("broken by hand");
      return broken || out.split("\n").some((text) => text.includes("published") && text.includes(instanceIdOf(plan.source, plan.id)));
    });
  }
  assert.match(out, new RegExp(`functions/validate-request\\.ts:${place}:`), "the stack is the source's");

  writeFileSync(file, `${source}\nthis is no TypeScript`);
  await eventually("the fault is told", () => /The app does not build; the one before goes on\./.test(err) && err.includes("log-step.ts"));
  assert.equal(dev.exitCode, null, "it goes on");
  await client.close();
  dev.kill("SIGTERM");
  assert.equal(await ended, 0);
  await eventually("every process has ended", () => leftovers(runId).length === 0);
});
