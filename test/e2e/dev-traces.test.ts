import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ServiceBusClient } from "@azure/service-bus";
import type { ReceivedSpan } from "../../local/telemetry/otlp.ts";
import { instanceIdOf } from "../../shared/durable/instance-id.ts";
import { eventually } from "../support/eventually.ts";
import { sampleEvent, structured } from "../support/sample.ts";

// `npm run dev -- --traces`: where the time of each request went.

const root = join(import.meta.dirname, "..", "..");
const dataDirectory = mkdtempSync(join(tmpdir(), "vpn-traces-"));
after(() => rmSync(dataDirectory, { recursive: true, force: true }));

test("it prints a waterfall for each request, whose phases add up, and returns all spans of an instance", async () => {
  const options = ["--port", "0", "--service-bus-port", "0", "--data-dir", dataDirectory, "--traces"];
  const dev = spawn(process.execPath, [join(root, "local", "node.js"), join(root, "local", "dev.ts"), ...options], { cwd: root });
  after(() => dev.kill("SIGTERM"));
  let out = "";
  for (const stream of [dev.stdout, dev.stderr]) stream.on("data", (chunk: Buffer) => (out += chunk));
  const ended = new Promise((resolve) => dev.once("exit", resolve));
  await eventually("the screen", () => out.includes("Ctrl-C") || (dev.exitCode !== null && assert.fail(out)));
  const [, traces = ""] = /^ {2}Traces {12}(http:\/\/127\.0\.0\.1:\d+\/local\/traces)\/<instance>$/m.exec(out) ?? assert.fail(out);

  const client = new ServiceBusClient(/Endpoint=sb:\S+/.exec(out)?.[0] ?? "");
  const events = [1, 2].map((gateway) =>
    sampleEvent((event) => void Object.assign(event.data.target, { gatewayName: `gateway${gateway}` })),
  );
  await client.createSender("vpn-connection-requests").sendMessages(events.map((event) => structured(event)));
  for (const { source, id } of events) {
    const instanceId = instanceIdOf(source, id);
    const shown = await eventually("the waterfall", () =>
      new RegExp(
        `^provision gateway\\d/vpnConnection1: Succeeded after ([\\d.]+) s \\(${instanceId}, trace \\w{32}\\)\n((  .*█\n){7})`,
        "m",
      ).exec(out),
    );
    const [, whole = "", lines = ""] = shown;
    const seconds = [...lines.matchAll(/ ([\d.]+) s /g)].map(([, text]) => Math.round(Number(text) * 1000));
    assert.equal(
      seconds.reduce((sum, each) => sum + each, 0),
      Math.round(Number(whole) * 1000),
    );
    const spans = (await (await fetch(`${traces}/${instanceId}`)).json()) as ReceivedSpan[];
    assert.ok(spans.some(({ name }) => name === "PUT vpnConnections"));
    assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
  }
  await client.close();
  dev.kill("SIGINT");
  assert.equal(await ended, 0);
});
