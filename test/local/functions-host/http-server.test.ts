import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type HttpResponse, listen } from "../../../local/functions-host/http/server.ts";

// The host outlives whatever a function answers.

let answer: () => HttpResponse | Promise<HttpResponse> = () => ({ status: 200 });
let paths: string[] = [];
let server: Awaited<ReturnType<typeof listen>>;
before(async () => {
  server = await listen(0, ({ url }) => {
    paths.push(url.pathname);
    return answer();
  });
});
after(() => server.close());

const rows: readonly (readonly [name: string, given: () => HttpResponse | Promise<HttpResponse>, status: number, body: RegExp])[] = [
  ["nothing", () => ({ status: 204 }), 204, /^$/],
  ["a text", () => ({ status: 200, body: "text" }), 200, /^text$/],
  ["bytes", () => ({ status: 200, body: Buffer.from([104, 105]) }), 200, /^hi$/],
  ["an object", () => ({ status: 201, body: { a: 1 } }), 201, /^\{"a":1\}$/],
  ["an error", () => Promise.reject(new Error("broken")), 500, /^\{"Message":"broken"\}$/],
  ["no Error", () => Promise.reject("broken"), 500, /^\{"Message":"broken"\}$/],
  ["a status that is none", () => ({ status: 1000 }), 500, /Invalid status code/],
  ["a header that is none", () => ({ status: 200, headers: { a: "b\nc" } }), 500, /Invalid character/],
];
for (const [name, given, status, body] of rows) {
  test(`${name}: ${status}, and the next request is answered`, async () => {
    answer = given;
    const response = await fetch(`${server.url}/x`);
    assert.equal(response.status, status);
    assert.match(await response.text(), body);
    answer = () => ({ status: 200 });
    assert.equal((await fetch(server.url)).status, 200);
  });
}

test("a path of slashes is a path", async () => {
  paths = [];
  assert.equal((await fetch(`${server.url}//`)).status, 200);
  assert.deepEqual(paths, ["//"]);
});
