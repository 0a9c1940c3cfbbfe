import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { leftovers } from "../support/leftovers.ts";
import { sampleEvent } from "../support/sample.ts";

// `npm start` as a stranger types it, without npm in between: output, exit code, and nothing left
// behind.

const root = join(import.meta.dirname, "..", "..");

function start(...args: string[]) {
  const runId = randomUUID();
  const child = spawn(process.execPath, [join(root, "local", "node.js"), join(root, "local", "start.ts"), ...args], {
    cwd: root,
    env: {
      ...process.env,
      VPN_STACK_RUN_ID: runId,
      AZURE_CLIENT_SECRET: "must-not-matter",
      AZURE_TENANT_ID: "none",
      AZURE_CLIENT_ID: "none",
    },
    // Its own process group, as a terminal gives it.
    detached: true,
  });
  after(() => child.kill("SIGTERM"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk));
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { child, runId, ended, output: () => output };
}

const noneLeft = (runId: string) => eventually("every process has ended", () => leftovers(runId).length === 0, 15_000);

test("the main job: every step in order, the event, exit code 0, no process left", async () => {
  const run = start();
  assert.equal(await run.ended, 0, run.output());
  const text = run.output();
  const steps = [...text.matchAll(/^\d\d:\d\d:\d\d +\d+\.\d\d s {2}(\w+)/gm)].map(([, step]) => step);
  assert.deepEqual(
    steps.filter((step, index) => step !== steps[index - 1]),
    ["received", "validated", "leaseGranted", "submitted", "polled", "provisioned", "verified", "published"],
  );
  assert.ok(steps.filter((step) => step === "polled").length >= 2, "a few polls are seen");
  const event = JSON.parse(text.slice(text.indexOf("\n{") + 1));
  assert.equal(event.data.outcome, "Succeeded");
  assert.deepEqual(shape(text.split("\n{")[0] ?? ""), shape(shownInReadme().split("\n{")[0] ?? ""), "the README shows what is really seen");
  await noneLeft(run.runId);
});

function shownInReadme(): string {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  return /```text\n(Building[\s\S]*?)```/.exec(readme)?.[1] ?? "";
}
/** An output without what differs from run to run: numbers, and how many polls there were. */
function shape(output: string): string[] {
  const lines = output.split("\n").map((line) =>
    line
      .replaceAll(/\d+(\.\d+)?/g, "N")
      .replaceAll(/ +/g, " ")
      .trim(),
  );
  return lines.filter((line, index) => line !== "" && line !== lines[index - 1]);
}

test("a rough engine: its seed is told, and the main job ends as it should; what is no seed is refused", async () => {
  const run = start("--rough", "5");
  assert.equal(await run.ended, 0, run.output());
  assert.match(run.output(), /^ {2}Rough durable engine, seed 5\. The same seed again: --rough 5$/m);
  const refused = start("--rough", "five");
  assert.equal(await refused.ended, 2);
  assert.match(refused.output(), /'five' is invalid\. It takes a whole number from 0 to 2147483647\./);
  await noneLeft(run.runId);
});

test("a request that is rejected: exit code 1, and the event says why", async () => {
  const directory = mkdtempSync(join(tmpdir(), "vpn-start-"));
  const file = join(directory, "request.json");
  writeFileSync(file, JSON.stringify(sampleEvent((event) => Object.assign(event.data, { priority: 1 }))));
  const run = start(file);
  assert.equal(await run.ended, 1, run.output());
  assert.match(run.output(), /UnknownField/);
  await noneLeft(run.runId);
  rmSync(directory, { recursive: true });
});

test("a file that is not there: exit code 2 and a sentence", async () => {
  const run = start("no-such-file.json");
  assert.equal(await run.ended, 2);
  assert.match(run.output(), /^There is no file no-such-file\.json\.$/m);
});

test("Ctrl-C in the middle stops everything", async () => {
  const run = start();
  await eventually("a poll is seen", () => / polled /.test(run.output()));
  interrupt(run.child);
  assert.equal(await run.ended, 130, run.output());
  await noneLeft(run.runId);
});

test("a broker that is killed ends it with the reason", async () => {
  const run = start();
  await eventually("the request is on its way", () => run.output().includes("Sending "));
  const broker = leftovers(run.runId).find((line) => line.includes("service-bus")) ?? assert.fail("there is no broker");
  process.kill(Number.parseInt(broker, 10), "SIGKILL");
  assert.equal(await run.ended, 1, run.output());
  assert.match(run.output(), /^The broker was ended by SIGKILL: sent by a user or a program, or by the system because memory ran out\.$/m);
  assert.doesNotMatch(run.output(), /The whole log is in/, "it wrote nothing");
  await noneLeft(run.runId);
});

/** What a terminal does: the signal goes to the whole process group. */
function interrupt(child: ChildProcess): void {
  process.kill(-(child.pid ?? 0), "SIGINT");
}
