import assert from "node:assert/strict";
import { test } from "node:test";
import type { App } from "../../../local/functions-host/app/load-app.ts";
import type { HttpData } from "../../../local/functions-host/app/typed-data.ts";
import { createHttpRouter } from "../../../local/functions-host/triggers/http.ts";

// Which function a request reaches, and with what
// (https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger).

const functionOf = (name: string, methods: readonly string[], route?: string) => ({
  name,
  bindings: { trigger: { type: "httpTrigger", direction: "in" as const, methods, ...(route === undefined ? {} : { route }) } },
  metadata: {},
  callback: () => {},
});

function routed() {
  const seen: { name: string; http: HttpData | undefined; durableClient: string | undefined }[] = [];
  const app: App = {
    directory: "",
    functions: [
      functionOf("plain", ["GET", "POST"]),
      functionOf("item", ["put"], "items/{id}/parts/{part}"),
      functionOf("dotted", ["GET"], "a.b"),
      functionOf("optional", ["GET"], "orders/{id?}"),
    ],
    log() {},
    terminate: async () => {},
    async invoke({ name }, { trigger, durableClient }) {
      seen.push({ name, http: trigger.http, durableClient });
      const cookies = name === "dotted" ? [{ name: "a", value: "b" }] : [];
      const http = { statusCode: "201", headers: { "x-a": "1" }, cookies, body: { bytes: Buffer.from("body") } };
      return { returned: name === "plain" ? undefined : { http }, result: undefined };
    },
  };
  const route = createHttpRouter(app, "api", () => "binding");
  const ask = (method: string, path: string, body = "", headers: Record<string, string> = {}) =>
    route({ method, url: new URL(path, "http://127.0.0.1:1"), headers, body: Buffer.from(body) });
  return { seen, ask };
}

test("a function without a route is found by its name, whatever the case, with a slash or without", async () => {
  const { seen, ask } = routed();
  for (const path of ["/api/plain", "/api/PLAIN", "/api/plain/", "/api/plain?q=1"])
    assert.deepEqual(await ask("GET", path), { status: 200 });
  assert.deepEqual(
    seen.map(({ name, durableClient }) => [name, durableClient]),
    Array.from({ length: 4 }, () => ["plain", "binding"]),
  );
});

test("parts of a route are parameters, decoded; query, headers and body come as they are", async () => {
  const { seen, ask } = routed();
  const answer = await ask("PUT", "/api/items/a%20b/parts/7?q=1&q=2", '{"a":1}', { "content-type": "application/json", "x-empty": "" });
  assert.deepEqual(answer, { status: 201, headers: { "x-a": "1" }, body: Buffer.from("body") });
  assert.deepEqual(seen[0]?.http, {
    method: "PUT",
    url: "http://127.0.0.1:1/api/items/a%20b/parts/7?q=1&q=2",
    nullableHeaders: { "content-type": { value: "application/json" }, "x-empty": { value: "" } },
    nullableParams: { id: { value: "a b" }, part: { value: "7" } },
    body: { bytes: Buffer.from('{"a":1}') },
  });
});

test("a part that may be missing is no parameter where it is", async () => {
  const { seen, ask } = routed();
  for (const path of ["/api/orders", "/api/orders/", "/api/orders/7"]) await ask("GET", path);
  assert.deepEqual(
    seen.map(({ name, http }) => [name, http?.nullableParams]),
    [
      ["optional", {}],
      ["optional", {}],
      ["optional", { id: { value: "7" } }],
    ],
  );
});

for (const [method, path] of [
  ["DELETE", "/api/plain"],
  ["GET", "/plain"],
  ["GET", "/api/plain/more"],
  ["PUT", "/api/items/1/parts"],
  ["PUT", "/api/items/1/2/parts/3"],
  ["GET", "/api/aXb"],
  ["GET", "/api/ordersmore"],
  ["GET", "/api/orders/7/more"],
] as const) {
  test(`${method} ${path} reaches nobody`, async () => {
    const { seen, ask } = routed();
    assert.deepEqual([await ask(method, path), seen], [undefined, []]);
  });
}

test("cookies are refused by name", async () => {
  await assert.rejects(routed().ask("GET", "/api/a.b"), { message: "The development host does not support cookies; use `func start`." });
});
