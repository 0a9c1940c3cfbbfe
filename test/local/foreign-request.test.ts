import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ServiceBusClient } from "@azure/service-bus";
import { startAzure } from "../../local/azure/index.ts";
import { createClock } from "../../local/clock.ts";
import { type ServiceBus, startServiceBus } from "../../local/service-bus/index.ts";
import { startSample } from "./functions-host/host.ts";

// A web page that a developer happens to have open can send requests to 127.0.0.1: no server of the
// stack takes them.

let directory: string;
let ca: Buffer;
let azure: Awaited<ReturnType<typeof startAzure>>;
let host: Awaited<ReturnType<typeof startSample>>;
before(async () => {
  directory = mkdtempSync(join(tmpdir(), "foreign-request-"));
  azure = await startAzure({ port: 0, directory, clock: createClock() });
  ca = readFileSync(azure.caFile);
  host = await startSample();
});
after(async () => {
  await host.stop();
  await azure.close();
  rmSync(directory, { recursive: true });
});

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends a request with exactly these headers, as fetch would not. */
function send(base: string, path: string, { method = "GET", headers = {}, body }: Sent) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const request = base.startsWith("https:") ? requestHttps : requestHttp;
    const sent = request(new URL(path, base), { method, headers, ca, checkServerIdentity: () => undefined }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const foreign: readonly (readonly [name: string, headers: Readonly<Record<string, string>>, status: number])[] = [
  ["a page of elsewhere", { origin: "https://evil.example" }, 403],
  ["a page without an origin of its own, as in a sandbox", { origin: "null" }, 403],
  ["a page of another server on this machine", { origin: "http://localhost:3000" }, 403],
  ["a page of elsewhere, by the browser's own word", { "sec-fetch-site": "cross-site" }, 403],
  ["a page of another server on this machine, by the browser's own word", { "sec-fetch-site": "same-site" }, 403],
  ["a foreign name that leads to this machine", { host: "evil.example" }, 421],
  ["a foreign name with a port", { host: "evil.example:80" }, 421],
  ["the name of this machine with the port of another server", { host: "127.0.0.1:1" }, 421],
];
const servers: readonly (readonly [name: string, url: () => string, path: string])[] = [
  ["the functions host's management API", () => host.url(), "/runtime/webhooks/durabletask/instances/none"],
  ["the functions host's management API for its own client", () => host.url(), "/durabletask/instances/none"],
  ["an HTTP trigger", () => host.url(), "/api/none"],
  ["Resource Manager", () => azure.resourceManagerUrl, "/subscriptions/subid"],
  ["the control API of Resource Manager", () => azure.resourceManagerUrl, "/local/requests"],
  ["Key Vault", () => azure.keyVaultUrl, "/secrets/one"],
  ["the control API of Key Vault", () => azure.keyVaultUrl, "/local/requests"],
  ["the managed identity", () => azure.identity.endpoint, "/msi/token"],
];
for (const [server, url, path] of servers) {
  test(`${server} refuses foreign pages and names with one sentence`, async () => {
    for (const [name, headers, status] of foreign) {
      for (const method of ["GET", "POST", "OPTIONS"]) {
        const answer = await send(url(), path, { method, headers });
        assert.equal(answer.status, status, `${method}: ${name}`);
        assert.match(answer.text, /^[A-Z][^\n]*\.\n$/, name);
      }
    }
  });

  test(`${server} takes its own names, its own pages, and programs`, async () => {
    const { port, protocol } = new URL(url());
    const { status } = await send(url(), path, {});
    assert.ok(![403, 421].includes(status));
    const own = [
      ...["127.0.0.1", "localhost", "LOCALHOST", "[::1]"].map((name) => ({ host: `${name}:${port}` })),
      { origin: `${protocol}//127.0.0.1:${port}`, "sec-fetch-site": "same-origin" },
      { "sec-fetch-site": "none" },
    ];
    for (const headers of own) assert.equal((await send(url(), path, { headers })).status, status, JSON.stringify(headers));
  });
}

test("a page cannot start an orchestration or raise an event with a request that a browser sends without asking", async () => {
  const origin = "https://evil.example";
  const waiting = await host.start("approval", null);
  for (const base of ["/runtime/webhooks/durabletask", "/durabletask"]) {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/json"]) {
      const headers = { origin, "content-type": type };
      const raised = await send(host.url(), `${base}/instances/${waiting}/raiseEvent/Approval`, { method: "POST", headers, body: "true" });
      assert.equal(raised.status, 403);
      assert.equal((await send(host.url(), `${base}/orchestrators/chain/forged`, { method: "POST", headers, body: "1" })).status, 403);
      assert.equal((await send(host.url(), `${base}/instances/${waiting}/terminate`, { method: "POST", headers })).status, 403);
    }
  }
  assert.equal((await host.statusOf(waiting)).runtimeStatus, "Running");
  assert.equal((await host.call("GET", `${host.base}/instances/forged`)).status, 404);
});

test("a page cannot script faults or set secrets", async () => {
  const headers = { origin: "https://evil.example", "content-type": "text/plain" };
  const fault = JSON.stringify({ connection: "*", on: "get", times: "always", reset: "before" });
  for (const url of [azure.resourceManagerUrl, azure.keyVaultUrl]) {
    assert.equal((await send(url, "/local/faults", { method: "POST", headers, body: fault })).status, 403);
  }
  assert.equal((await send(azure.keyVaultUrl, "/local/secrets/forged", { method: "PUT", headers, body: '{"value":"x"}' })).status, 403);
  const seen = JSON.parse((await send(azure.resourceManagerUrl, "/local/requests", {})).text) as { status: number | null }[];
  assert.ok(!seen.some(({ status }) => status === null), "no connection was broken");
});

test("the broker, which speaks no HTTP, breaks off a page's request and takes nothing of it", async () => {
  const configFile = join(directory, "config.json");
  const Queues = [{ Name: "queue", Properties: {} }];
  writeFileSync(configFile, JSON.stringify({ UserConfig: { Namespaces: [{ Name: "sbemulatorns", Queues, Topics: [] }] } }));
  const broker: ServiceBus = await startServiceBus({ port: 0, configFile });
  try {
    const socket = connect(broker.port, "127.0.0.1");
    let answered = "";
    socket.on("data", (chunk: Buffer) => (answered += chunk.toString("latin1")));
    socket.end("POST /queue HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://evil.example\r\nContent-Length: 2\r\n\r\n{}");
    await new Promise<void>((resolve) => socket.once("close", () => resolve()));
    assert.doesNotMatch(answered, /HTTP/);
    const client = new ServiceBusClient(broker.connectionString);
    assert.deepEqual(await client.createReceiver("queue").peekMessages(1), []);
    await client.close();
  } finally {
    await broker.close();
  }
});
