import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { before, test } from "node:test";
import { type App, loadApp } from "../../../local/functions-host/app/load-app.ts";
import { forwardRequest } from "../../../local/functions-host/extension/forward.ts";
import { invokeFunction, listDurableFunctions } from "../../../local/functions-host/extension/functions.ts";
import { listen } from "../../../local/functions-host/http/server.ts";

// The half of the extension engine that runs in Node, without any .NET: requests are passed on as
// they came, and functions end as the Node worker reports it.

test("a request to the management API is passed on with its path, its query, its headers and its body", async () => {
  const received: { request: IncomingMessage; body: string }[] = [];
  const server = createServer(async (request, response) => {
    received.push({ request, body: await text(request) });
    response.writeHead(418, { "x-answer": "a", location: "elsewhere" }).end('{"said":1}');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const to = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = new URL("http://front:7071/runtime/webhooks/durabletask/instances/a%2Bb%20c?taskHub=x&reason=%26");
  const headers = { host: "front:7071", "content-type": "application/json", "content-length": "4", connection: "keep-alive" };
  const answer = await forwardRequest(to, { method: "POST", url, headers, body: Buffer.from('"ü"') });
  server.close();
  const { request, body } = received[0] ?? {};
  assert.equal(request?.url, `${url.pathname}${url.search}`);
  assert.deepEqual(
    [request?.method, request?.headers["host"], request?.headers["content-type"], body],
    ["POST", "front:7071", "application/json", '"ü"'],
  );
  assert.deepEqual(
    [answer.status, answer.headers?.["x-answer"], answer.headers?.["location"], String(answer.body)],
    [418, "a", "elsewhere", '{"said":1}'],
  );
});

test("an engine that is gone is an error, and no request that waits", async () => {
  const server = await listen(0, () => ({ status: 200 }));
  await server.close();
  const request = { method: "GET", url: new URL("http://front/"), headers: {}, body: Buffer.alloc(0) };
  await assert.rejects(forwardRequest(server.url, request), /ECONNREFUSED/);
});

let app: App;
before(async () => {
  app = await loadApp(join(import.meta.dirname, "..", "..", "conformance", "durable-app"));
  app.log = () => {};
});

test("orchestrators, activities and entities are declared, each with the name of its trigger binding", () => {
  const declared = listDurableFunctions(app);
  assert.equal(declared.length, app.functions.length - 2, "all but the two http functions");
  const byName = Object.fromEntries(declared.map(({ name, trigger }) => [name, trigger]));
  assert.deepEqual([byName["echoes"], byName["echo"], byName["counter"]], ["orchestrationTrigger", "activityTrigger", "entityTrigger"]);
  for (const { name, binding } of declared)
    assert.ok(binding in (app.functions.find((known) => known.name === name)?.bindings ?? {}), name);
});

const invoke = (name: string, input: string | null) =>
  invokeFunction(app, { type: "invoke", id: 7, function: name, input, metadata: {}, client: "{}" });

for (const [what, input, returned] of [
  ["an object", '{"a":1}', '{"a":1}'],
  ["a text", '"5"', '"5"'],
  ["nothing", null, "null"],
] as const) {
  test(`an activity that is given ${what} returns JSON`, async () => {
    assert.deepEqual(await invoke("echo", input), { type: "result", id: 7, returned });
  });
}

test("a failure has the message of the app", async () => {
  const outcome = await invoke("fail", '"no luck"');
  assert.deepEqual([outcome.type, outcome.type === "failure" && outcome.message], ["failure", "no luck"]);
});

test("a function that the app does not have is a failure", async () => {
  const outcome = await invoke("thereIsNone", null);
  assert.match(outcome.type === "failure" ? outcome.message : "", /no function thereIsNone/);
});
