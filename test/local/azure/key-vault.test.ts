import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startAzure } from "../../../local/azure/index.ts";
import { createClock } from "../../../local/clock.ts";

// The vault over its own TLS, as a client sees it that knows nothing of an SDK.

const directory = mkdtempSync(join(tmpdir(), "azure-"));
let azure: Awaited<ReturnType<typeof startAzure>>;
before(async () => {
  azure = await startAzure({ port: 0, directory, clock: createClock() });
});
after(async () => {
  await azure.close();
  rmSync(directory, { recursive: true });
});

async function tokenFor(resource: string, from = azure): Promise<string> {
  const url = `${from.identity.endpoint}?api-version=2019-08-01&resource=${encodeURIComponent(resource)}`;
  const response = await fetch(url, { headers: { "x-identity-header": from.identity.header } });
  return ((await response.json()) as { access_token: string }).access_token;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, looked at field by field
  readonly body: any;
}

function call(method: string, path: string, { body, token, of = azure }: { body?: unknown; token?: string; of?: typeof azure } = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const sent = request(new URL(path, of.keyVaultUrl), { method, ca: readFileSync(of.caFile), agent: false, headers }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) }),
      );
    });
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
const get = async (path: string) => call("GET", `${path}?api-version=7.4`, { token: await tokenFor("https://vault.azure.net") });
const set = (name: string, body: unknown) => call("PUT", `/local/secrets/${name}`, { body });

test("without a good token there is a challenge, which names the service", async () => {
  await set("k", { value: "v" });
  const short = await startAzure({ port: 0, directory: join(directory, "expired"), clock: createClock(), tokenLifetimeSeconds: -60 });
  after(() => short.close());
  const tries: readonly (readonly [token: string | undefined, message: RegExp, of?: typeof azure])[] = [
    [undefined, /^AKV10000: /],
    ["no.token.here", /^\[BearerReadAccessTokenFailed\]/],
    [
      await tokenFor(azure.resourceManagerUrl),
      /^AKV10022: Invalid audience\. Expected https:\/\/vault\.azure\.net, found: https:\/\/127\./,
    ],
    [await tokenFor("https://vault.azure.net", short), /^\[TokenExpired\]/, short],
  ];
  for (const [token, message, of = azure] of tries) {
    const { status, headers, body } = await call("GET", "/secrets/k?api-version=7.4", { of, ...(token === undefined ? {} : { token }) });
    assert.deepEqual([status, body.error.code], [401, "Unauthorized"]);
    assert.match(body.error.message, message);
    assert.match(
      String(headers["www-authenticate"]),
      /^Bearer authorization="https:\/\/login\.microsoftonline\.com\/[0-9a-f-]{36}", resource="https:\/\/vault\.azure\.net"$/,
    );
  }
});

test("a secret has the fields of the service, its times in seconds", async () => {
  const { body } = await set("Branch-1", { value: "v", notBefore: "2026-01-01T00:00:00Z", expires: "2026-01-02T00:00:00Z" });
  assert.match(body.id, /^https:\/\/127\.0\.0\.1:\d+\/secrets\/Branch-1\/[0-9a-f]{32}$/);
  const { status, headers, body: secret } = await get("/secrets/branch-1/");
  assert.deepEqual([status, secret.value, secret.id], [200, "v", body.id]);
  const { created, updated, ...attributes } = secret.attributes;
  assert.ok(created === updated && Math.abs(created - Date.now() / 1000) < 60);
  const days = { nbf: 1_767_225_600, exp: 1_767_312_000 };
  assert.deepEqual(attributes, { enabled: true, ...days, recoveryLevel: "Recoverable+Purgeable", recoverableDays: 90 });
  assert.ok(headers["x-ms-request-id"] && headers["x-ms-keyvault-region"]);
});

test("the newest version counts, also where it is disabled; older ones stay", async () => {
  const older = (await set("versions", { value: "older" })).body;
  await set("versions", { value: "newer", enabled: false });
  assert.deepEqual((await get("/secrets/versions")).body.error.innererror, { code: "SecretDisabled" });
  assert.equal((await get(`/secrets/versions/${older.version}`)).body.value, "older");
  await set("versions", { value: "newest" });
  assert.equal((await get("/secrets/versions")).body.value, "newest");
});

test("forbidden secrets, and what is not there, as the service answers them", async () => {
  const inner = { rbac: "ForbiddenByRbac", policy: "AccessDenied", firewall: "ForbiddenByFirewall" };
  for (const [by, code] of Object.entries(inner)) {
    await set("closed", { value: "v", forbidden: by });
    const { status, body } = await get("/secrets/closed");
    assert.deepEqual([status, body.error.code, body.error.innererror.code], [403, "Forbidden", code]);
  }
  assert.equal((await call("DELETE", "/local/secrets/closed")).status, 204);
  assert.equal((await call("DELETE", "/local/secrets/closed")).status, 404);
  for (const path of ["closed", `closed/${"0".repeat(32)}`]) {
    const { status, body } = await get(`/secrets/${path}`);
    assert.deepEqual([status, body.error.code], [404, "SecretNotFound"]);
    assert.ok(body.error.message.startsWith(`A secret with (name/id) ${path} was not found in this key vault.`));
  }
});

test("a PUT adds a version, which a list names without its value, unless the caller may not", async () => {
  const token = await tokenFor("https://vault.azure.net");
  const put = (body: unknown) => call("PUT", "/secrets/put?api-version=7.4", { token, body });
  const ids = [(await put({ value: "one" })).body.id, (await put({ value: "two" })).body.id];
  assert.equal((await get("/secrets/put")).body.value, "two");
  const { status, body } = await get("/secrets/put/versions");
  assert.equal(status, 200);
  assert.deepEqual(
    body.value.map(({ id }: { id: string }) => id),
    ids,
  );
  assert.doesNotMatch(JSON.stringify(body), /"value":"|one|two/);
  assert.deepEqual((await get("/secrets/never/versions")).body.value, []);
  assert.equal((await put({ value: 1 })).status, 400);
  await set("put", { value: "three", forbidden: "rbac" });
  for (const refused of [await put({ value: "four" }), await get("/secrets/put/versions")])
    assert.equal(refused.body.error.innererror.code, "ForbiddenByRbac");
});

test("what it does not do is refused by name", async () => {
  const token = await tokenFor("https://vault.azure.net");
  for (const [method, path] of [
    ["DELETE", "/secrets/k?api-version=7.4"],
    ["PUT", "/secrets/k/versions?api-version=7.4"],
    ["GET", "/secrets?api-version=7.4"],
    ["GET", "/keys/k?api-version=7.4"],
    ["GET", "/secrets/k"],
  ] as const) {
    const { status, body } = await call(method, path, { token });
    assert.deepEqual([status, body.error.code], [400, "BadParameter"], `${method} ${path}`);
  }
});

const refused: readonly (readonly [path: string, body: unknown, says: RegExp])[] = [
  ["/local/secrets/k_1", { value: "v" }, /^The name of a secret is/],
  ["/local/secrets/k", { value: 1 }, /^A secret has a value/],
  ["/local/secrets/k", { value: "v", exp: 1 }, /^A secret has no field exp; it has value, enabled,/],
  ["/local/secrets/k", { value: "v", expires: "soon" }, /^Expected a time such as/],
  ["/local/secrets/k", { value: "v", forbidden: "me" }, /^A secret is forbidden by rbac, policy, firewall; found me/],
  ["/local/faults", { secret: "k", on: "get" }, /^A fault of the vault has no field on; it has secret,/],
  ["/local/faults", { times: 1 }, /^A fault of the vault names a secret/],
];
for (const [path, body, says] of refused) {
  test(`the control API refuses ${JSON.stringify(body)} for ${path}`, async () => {
    const answer = await call(path === "/local/faults" ? "POST" : "PUT", path, { body });
    assert.equal(answer.status, 400);
    assert.match(answer.body.message, says);
  });
}

test("faults are taken in their order and for their secret; what came in is told without tokens and values", async () => {
  await set("faulty", { value: "v4lue" });
  const throttled = { status: 429, headers: { "retry-after": "1" } };
  assert.equal((await call("POST", "/local/faults", { body: [{ secret: "FAULTY", after: 1, respond: throttled }] })).status, 204);
  const answers = [await get("/secrets/faulty"), await get("/secrets/k"), await get("/secrets/faulty"), await get("/secrets/faulty")];
  assert.deepEqual(
    answers.map(({ status, headers }) => [status, headers["retry-after"]]),
    [200, 200, 429, 200].map((status) => [status, status === 429 ? "1" : undefined]),
  );
  await call("POST", "/local/faults", { body: { secret: "*", times: "always", reset: "before" } });
  await assert.rejects(get("/secrets/faulty"));
  assert.equal((await call("DELETE", "/local/faults")).status, 204);
  const { body } = await call("GET", "/local/requests");
  assert.deepEqual(
    body.slice(-5).map((seen: { status: number | null }) => seen.status),
    [200, 200, 429, 200, null],
  );
  const told = JSON.stringify(body);
  assert.ok(told.includes("Bearer …") && !told.includes("v4lue") && !told.includes("Bearer ey"));
  assert.equal((await call("GET", "/local/nothing")).status, 404);
});
