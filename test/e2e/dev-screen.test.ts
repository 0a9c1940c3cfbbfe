import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, test } from "node:test";
import { ServiceBusClient } from "@azure/service-bus";
import { eventually } from "../support/eventually.ts";
import { leftovers } from "../support/leftovers.ts";
import { call } from "../support/running-stack.ts";
import { sampleEvent, structured } from "../support/sample.ts";

// What `npm run dev` shows a person.

const root = join(import.meta.dirname, "..", "..");
const dataDirectory = mkdtempSync(join(tmpdir(), "vpn-screen-"));
after(() => rmSync(dataDirectory, { recursive: true, force: true }));

test("one screen of endpoints, with a connection string to copy; each step in a line; Ctrl-C ends everything", async () => {
  const runId = randomUUID();
  const options = ["--port", "0", "--service-bus-port", "0", "--data-dir", relative(root, dataDirectory)];
  const dev = spawn(process.execPath, [join(root, "local", "node.js"), join(root, "local", "dev.ts"), ...options], {
    cwd: root,
    env: { ...process.env, VPN_STACK_RUN_ID: runId },
  });
  after(() => dev.kill("SIGTERM"));
  let out = "";
  let err = "";
  dev.stdout.on("data", (chunk: Buffer) => (out += chunk));
  dev.stderr.on("data", (chunk: Buffer) => (err += chunk));
  const ended = new Promise((resolve) => dev.once("exit", resolve));
  await eventually("the screen", () => out.includes("Ctrl-C") || (dev.exitCode !== null && assert.fail(err)));

  const address = "127\\.0\\.0\\.1:\\d+";
  const certificates = join(dataDirectory, "ca-bundle.pem");
  const lines = [
    `Functions host    http://${address}`,
    `Resource Manager  https://${address}`,
    `Key Vault         https://${address}`,
    `Certificates      NODE_EXTRA_CA_CERTS='${certificates.replaceAll(/[.\\]/g, "\\$&")}'`,
    "Service Bus       Endpoint=sb://\\S+;UseDevelopmentEmulator=true;?",
    "Send a request:   ServiceBus='Endpoint=sb://\\S+' npm run send -- examples/minimal\\.json",
  ];
  for (const line of lines) assert.match(out, new RegExp(`^  ${line}$`, "m"));
  assert.ok(out.split("\n").length < 15, out);

  const client = new ServiceBusClient(/Endpoint=sb:\S+/.exec(out)?.[0] ?? "");
  const event = sampleEvent();
  await client.createSender("vpn-connection-requests").sendMessages(structured(event));
  await eventually("the last step", () =>
    /^[\d:]{8} +\d+\.\d\d s {2}published {5}gateway1\/vpnConnection1 {2}Succeeded, Created$/m.test(out),
  );
  assert.match(
    out,
    new RegExp(
      `^[\\d:]{8} +\\d+\\.\\d\\d s  received      gateway1/vpnConnection1  request ${event.id} from /ticketing/servicenow(, ticket \\S+)?$`,
      "m",
    ),
  );
  assert.ok(!out.includes("\u001b["), "no colours where no terminal is");

  // Two more requests for one gateway: the first one's operation fails, the second one waits for
  // it.
  const resourceManager = /Resource Manager {2}(\S+)/.exec(out)?.[1] ?? "";
  const failing = { status: 200, body: { status: "Failed", error: { code: "VpnSiteInUse", message: "no" } } };
  const atWork = { status: 200, headers: { "retry-after": "1" }, body: { status: "InProgress" } };
  const ca = readFileSync(certificates);
  const faults = (method: string, body?: unknown) => call(resourceManager, method, "/local/faults", body, ca);
  await faults("POST", { connection: "hq", on: "poll", times: "always", respond: atWork });
  const sendFor = (connectionName: string) =>
    client
      .createSender("vpn-connection-requests")
      .sendMessages(structured(sampleEvent(({ data }) => Object.assign(data.target, { gatewayName: "gateway2", connectionName }))));
  const shows = (text: string) => eventually(text, () => new RegExp(`^[\\d:]{8} .* s  ${text}$`, "m").test(out));
  await sendFor("hq");
  await shows("polled {8}gateway2/hq +Updating, told to wait 1 s");
  await sendFor("branch");
  await shows("waiting {7}gateway2/branch +place 1 in the queue of the gateway; gateway2/hq is being changed");
  await faults("DELETE");
  await faults("POST", { connection: "hq", on: "poll", times: "always", respond: failing });
  await shows("failed {8}gateway2/hq +Azure reports the operation as Failed \\(VpnSiteInUse\\)");
  await shows("leaseGranted {2}gateway2/branch +the gateway is free for this request");
  // The simulated Azure itself still works on the first one.
  await shows("blocked {7}gateway2/branch +Azure is busy with another operation on this gateway(, told to wait \\d+ s)?");
  await client.close();
  dev.kill("SIGINT");
  assert.equal(await ended, 0, err);
  await eventually("every process has ended", () => leftovers(runId).length === 0);
});
