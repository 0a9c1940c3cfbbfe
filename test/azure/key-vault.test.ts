import assert from "node:assert/strict";
import dns from "node:dns";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, mock, test } from "node:test";
import { setDefaultCACertificates } from "node:tls";
import { createKeyVault, type KeyVault } from "../../azure/key-vault.ts";
import { makeCertificate } from "../../local/azure/certificate.ts";
import { startIdentity } from "../../local/azure/identity.ts";
import { type SeenVaultRequest, startKeyVault, type VaultFault } from "../../local/azure/key-vault/server.ts";
import { createTokens } from "../../local/azure/tokens.ts";
import { outcomeOf, type ProblemCode } from "../../shared/contract/problem.ts";
import { startHttpsEndpoint, type WireAnswer, type WireRequest } from "../support/https-endpoint.ts";

// The real SDK over real TLS: against the local vault, and against endpoints that answer as no
// vault would.

const instanceId = "vpn-6fec4dfa1dcd8d54cacabf83fa04c7a71aa91596";
const correlationId = "6fec4dfa-1dcd-8d54-caca-bf83fa04c7a7";
const value = "k3y-th4t-nobody-may-see";
const audience = "https://vault.azure.net";
const hour = 3_600_000;
const iso = (fromNow: number) => new Date(Date.now() + fromNow).toISOString();

const directory = mkdtempSync(join(tmpdir(), "vault-"));
const tokens = createTokens(86_400);
/**
 * What tokens were asked of the identity, in order; the SDK keeps each for as long as it is good.
 */
const audiences: string[] = [];
let identity: Awaited<ReturnType<typeof startIdentity>>;
let local: Awaited<ReturnType<typeof startKeyVault>>;
/** Somebody whose tokens the local vault does not know, under the name that a real vault has. */
let stranger: Awaited<ReturnType<typeof startHttpsEndpoint>>;
let answers: (request: WireRequest) => WireAnswer;
let keyVault: KeyVault;

/** The settings that allow every secret of some vaults. */
const allowing = (...hosts: string[]) => ({
  KEY_VAULT_ALLOWED_HOSTS: hosts,
  KEY_VAULT_ALLOWED_SECRETS: new Map(hosts.map((host) => [host, ["*"]])),
});

before(async () => {
  const certificate = await makeCertificate(directory);
  local = await startKeyVault({ port: 0, certificate, tokens });
  stranger = await startHttpsEndpoint((asked) => answers(asked), ["myvault.vault.azure.net", "evil.example"]);
  identity = await startIdentity({
    ...tokens,
    issue: (resource) => {
      audiences.push(resource);
      return tokens.issue(resource);
    },
  });
  setDefaultCACertificates([readFileSync(certificate.caFile, "utf8"), stranger.ca]);
  Object.assign(process.env, {
    IDENTITY_ENDPOINT: identity.endpoint,
    IDENTITY_HEADER: identity.header,
    AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential",
  });
  // Names of the wide world lead here.
  const lookup = dns.lookup;
  mock.method(dns, "lookup", ((host: string, ...more: [never, never]) =>
    lookup(/^(myvault\.vault\.azure\.net|evil\.example)$/.test(host) ? "127.0.0.1" : host, ...more)) as typeof dns.lookup);
  keyVault = createKeyVault(allowing(hostOf(local.url)));
});
after(async () => {
  mock.restoreAll();
  await local.close();
  await stranger.close();
  await identity.close();
  rmSync(directory, { recursive: true });
});
beforeEach(() => stranger.asked.splice(0));

const hostOf = (url: string) => new URL(url).host;

/** Calls the local vault as anybody may. */
function call(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, local.url), { method }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
/** Sets a secret in the local vault; answers the URI of the new version. */
async function put(name: string, secret: object): Promise<string> {
  const { status, text } = await call("PUT", `/local/secrets/${name}`, { value, ...secret });
  assert.equal(status, 200, text);
  return (JSON.parse(text) as { id: string }).id;
}
const script = (fault: VaultFault) => call("POST", "/local/faults", fault);
async function seen(): Promise<SeenVaultRequest[]> {
  return JSON.parse((await call("GET", "/local/requests")).text) as SeenVaultRequest[];
}

type Answered = Awaited<ReturnType<KeyVault["readSecret"]>>;
/** A problem with its code; whatever it says, the value is not in it. */
function expectProblem(answered: Answered, code: ProblemCode, says: RegExp): void {
  assert.ok("problem" in answered, JSON.stringify(answered));
  assert.equal(answered.problem.code, code);
  assert.match(answered.problem.message, says);
  assert.ok(!JSON.stringify(answered).includes(value));
}
function expectLater(answered: Answered, code: ProblemCode, reason: string, afterSeconds?: number): void {
  assert.ok("later" in answered, JSON.stringify(answered));
  assert.deepEqual([answered.later.problem.code, answered.later.class, answered.later.afterSeconds], [code, reason, afterSeconds]);
  assert.ok(!JSON.stringify(answered).includes(value));
}

test("the first call is challenged and goes out again with a token for the vault; the next ones bring it at once", async () => {
  const version = await put("first", {});
  const before = (await seen()).length;
  assert.deepEqual(await keyVault.readSecret(version, instanceId), { ok: { value, version: version.split("/").at(-1) } });
  await keyVault.readSecret(version, instanceId);
  const calls = (await seen()).slice(before);
  assert.deepEqual(
    calls.map(({ status, headers }) => [status, headers["authorization"]]),
    [
      [401, undefined],
      [200, "Bearer …"],
      [200, "Bearer …"],
    ],
  );
  for (const { method, url, headers } of calls) {
    assert.match(`${method} ${url}`, /^GET \/secrets\/first\/[0-9a-f]{32}\?api(-|%2D)version=[\w.-]+$/);
    assert.equal(headers["x-ms-client-request-id"], correlationId, "the vault's log knows the request");
  }
  assert.deepEqual(audiences, [audience]);
});

test("calls at the same time, the very first ones, all get their secret", async () => {
  const version = await put("crowd", {});
  const fresh = createKeyVault(allowing(hostOf(local.url)));
  const read = await Promise.all(Array.from({ length: 8 }, () => fresh.readSecret(version, instanceId)));
  for (const answered of read) assert.ok("ok" in answered, JSON.stringify(answered));
});

test("without a version the newest is read, with one that one; names and hosts are compared without case", async () => {
  const older = await put("rotated", { value: "older" });
  const newest = await put("rotated", { value: "newer" });
  const read = async (uri: string) => {
    const answered = await keyVault.readSecret(uri, instanceId);
    return "ok" in answered ? [answered.ok.value, answered.ok.version] : answered;
  };
  const [olderId, newestId] = [older, newest].map((uri) => uri.split("/").at(-1));
  assert.deepEqual(await read(`${local.url}/secrets/rotated`), ["newer", newestId]);
  assert.deepEqual(await read(newest), ["newer", newestId]);
  assert.deepEqual(await read(older), ["older", olderId]);
  assert.deepEqual(await read(older.replace(String(olderId), String(olderId).toUpperCase()).replace("rotated", "Rotated")), [
    "older",
    olderId,
  ]);
});

const unusable: readonly (readonly [name: string, secret: object | undefined, code: ProblemCode, says: RegExp])[] = [
  [
    "missing",
    undefined,
    "SecretUnusable",
    /the secret missing of 127\.0\.0\.1:\d+ \(HTTP 404, SecretNotFound\)\. The secret or this version of it does not exist/,
  ],
  [
    "disabled",
    { enabled: false },
    "SecretUnusable",
    /\(HTTP 403, Forbidden, SecretDisabled\)\. The secret is disabled, expired or not valid yet\./,
  ],
  ["expired", { expires: iso(-hour) }, "SecretUnusable", /^The secret expired of .* expired at \d{4}-/],
  ["not-yet-valid", { notBefore: iso(hour) }, "SecretUnusable", /is not valid before \d{4}-/],
  ["no-role", { forbidden: true }, "SecretForbidden", /ForbiddenByRbac\)\. .* role Key Vault Secrets User/],
  ["no-policy", { forbidden: "policy" }, "SecretForbidden", /AccessDenied\)\. .* role Key Vault Secrets User/],
  ["no-way-in", { forbidden: "firewall" }, "SecretForbidden", /ForbiddenByFirewall\)\. The vault's network rules/],
];
for (const [name, secret, code, says] of unusable) {
  test(`${name}: ${code}`, async () => {
    if (secret) await put(name, secret);
    expectProblem(await keyVault.readSecret(`${local.url}/secrets/${name}`, instanceId), code, says);
  });
}

test("a version that is not there is missing, though the secret is there", async () => {
  await put("versions", {});
  const uri = `${local.url}/secrets/versions/${"0".repeat(32)}`;
  expectProblem(
    await keyVault.readSecret(uri, instanceId),
    "SecretUnusable",
    /the secret versions \(version 0{32}\) of .* this version of it does not exist/,
  );
});

test("a secret within its time is read", async () => {
  await put("in-time", { notBefore: iso(-hour), expires: iso(hour) });
  assert.ok("ok" in (await keyVault.readSecret(`${local.url}/secrets/in-time`, instanceId)));
});

test("what the requester must mend is Rejected, what the operator must mend is Failed", () => {
  assert.deepEqual((["SecretNotAllowed", "SecretUnusable", "SecretForbidden"] as const).map(outcomeOf), ["Rejected", "Rejected", "Failed"]);
});

test("a vault that is not on the list is not called, and nor is what is no URI of a secret; neither is repeated", async () => {
  answers = () => ({ status: 200, body: {} });
  const before = [(await seen()).length, audiences.length];
  const listed = hostOf(local.url);
  const port = Number(new URL(local.url).port);
  const refused = [
    `${stranger.url}/secrets/k`,
    `https://evil.example:${new URL(stranger.url).port}/secrets/k`,
    `https://localhost:${port}/secrets/k`,
    `https://127.0.0.2:${port}/secrets/k`,
    `https://127.0.0.1:${port + 1}/secrets/k`,
    `https://127.0.0.1/secrets/k`,
    `https://${listed}@evil.example/secrets/k`,
    `https://evil.example/${listed}/secrets/k`,
    `http://${listed}/secrets/k`,
    `https://${listed}/secrets/k?x`,
    `https://${listed}/secrets/k/versions`,
    `https://${listed}/keys/k`,
  ];
  for (const uri of refused) expectProblem(await keyVault.readSecret(uri, instanceId), "SecretNotAllowed", /./);
  const nothing = createKeyVault(allowing());
  expectProblem(
    await nothing.readSecret(`${local.url}/secrets/first`, instanceId),
    "SecretNotAllowed",
    /^Keys may not be read from the vault 127\.0\.0\.1:\d+\./,
  );
  const byDefault = createKeyVault({ ...allowing(listed), KEY_VAULT_ALLOWED_SECRETS: null });
  expectProblem(
    await byDefault.readSecret(`${local.url}/secrets/first`, instanceId),
    "SecretNotAllowed",
    /may not use the secret first of 127\.0\.0\.1:\d+/,
  );
  for (const key of [value, `https://${value}`])
    expectProblem(await keyVault.readSecret(key, instanceId), "SecretNotAllowed", /^keyVaultSecretUri (must start|names a host only)/);
  assert.deepEqual([(await seen()).length, audiences.length, stranger.asked.length], [...before, 0]);
});

const passing: readonly (readonly [name: string, respond: VaultFault["respond"], afterSeconds: number | undefined])[] = [
  [
    "throttled",
    {
      status: 429,
      headers: { "retry-after": "7" },
      body: {
        error: {
          code: "Throttled",
          message: "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached",
        },
      },
    },
    7,
  ],
  ["throttled, without a hint", { status: 429 }, undefined],
  ["down", { status: 503, headers: { "content-type": "text/html" }, body: `<html>${value}</html>` }, undefined],
  ["failing", { status: 500, body: { error: { code: "InternalServerError", message: value } } }, undefined],
  ["slow", { status: 408 }, undefined],
  ["half an answer", { status: 200, body: `{"value":"${value}","id":` }, undefined],
  ["a page", { status: 200, headers: { "content-type": "text/html" }, body: `<html>${value}</html>` }, undefined],
  ["something else", { status: 200, body: { value } }, undefined],
  ["a secret without its value", { status: 200, body: { id: `https://v/secrets/k/${"0".repeat(32)}`, attributes: {} } }, undefined],
  ["a secret without its version", { status: 200, body: { value, id: "https://v/secrets/k" } }, undefined],
];
for (const [name, respond, afterSeconds] of passing) {
  test(`${name}: later, after one try`, async () => {
    await script({ secret: "passing", ...(respond ? { respond } : {}), times: "always" });
    const before = (await seen()).length;
    expectLater(await keyVault.readSecret(`${local.url}/secrets/passing`, instanceId), "ServiceUnavailable", "transient", afterSeconds);
    assert.equal((await seen()).length - before, 1, "the SDK does not try again");
    await call("DELETE", "/local/faults");
  });
}

test("a connection that breaks, and a vault that is not there: later", async () => {
  await script({ secret: "passing", reset: "before" });
  expectLater(await keyVault.readSecret(`${local.url}/secrets/passing`, instanceId), "ServiceUnavailable", "transient");
  const gone = createKeyVault(allowing("127.0.0.1:1"));
  const answered = await gone.readSecret("https://127.0.0.1:1/secrets/k", instanceId);
  expectLater(answered, "ServiceUnavailable", "transient");
  assert.match("later" in answered ? answered.later.problem.message : "", /\(ECONNREFUSED\)\.$/);
});

test("a vault that does not answer is waited for 30 s, not longer", async () => {
  const timeout = new AbortController();
  const timeouts: number[] = [];
  const mocked = mock.method(AbortSignal, "timeout", (ms: number) => {
    timeouts.push(ms);
    return timeout.signal;
  });
  answers = () => {
    timeout.abort();
    return "hang";
  };
  const patient = createKeyVault(allowing(hostOf(stranger.url)));
  expectLater(await patient.readSecret(`${stranger.url}/secrets/k`, instanceId), "ServiceUnavailable", "transient");
  mocked.mock.restore();
  assert.deepEqual(timeouts, [30_000]);
});

const challenge = (resource: string, more = "") => ({
  status: 401,
  headers: { "www-authenticate": `Bearer authorization="https://login.microsoftonline.com/tenant", resource="${resource}"${more}` },
  body: { error: { code: "Unauthorized", message: `AKV10000: ${value}` } },
});

test("a token that the vault does not accept: later, as everywhere, and the operator's", async () => {
  answers = () => challenge(audience);
  const reader = createKeyVault(allowing(hostOf(stranger.url)));
  const answered = await reader.readSecret(`${stranger.url}/secrets/k`, instanceId);
  expectLater(answered, "SecretForbidden", "unauthorized");
  assert.equal("later" in answered && answered.later.problem.actor, "operator");
});

test("under the name of a vault the challenge is held to the vault's service: for another one there is no token", async () => {
  const host = `myvault.vault.azure.net:${new URL(stranger.url).port}`;
  const uri = `https://${host}/secrets/k`;
  const other = ["https://management.azure.com", "https://azure.net.evil.example", "https://evil.example", "nonsense"];
  for (const resource of other) {
    answers = () => challenge(resource);
    const asked = audiences.length;
    expectProblem(
      await createKeyVault(allowing(host)).readSecret(uri, instanceId),
      "SecretForbidden",
      /is not a Key Vault: it wants a token for another service\.$/,
    );
    assert.equal(audiences.length, asked);
  }
  assert.ok(stranger.asked.every(({ headers }) => headers.authorization === undefined));
  answers = ({ headers }) =>
    headers.authorization
      ? { status: 200, body: { value, id: `https://${host}/secrets/k/${"0".repeat(32)}`, attributes: { enabled: true } } }
      : challenge(audience);
  const good = await createKeyVault(allowing(host)).readSecret(uri, instanceId);
  assert.deepEqual(good, { ok: { value, version: "0".repeat(32) } });
});

const strange: readonly (readonly [name: string, answer: WireAnswer, says: RegExp])[] = [
  ["a redirect", { status: 307, headers: { location: "/secrets/elsewhere" } }, /HTTP 307\)\. The response is unexpected/],
  [
    "a redirect abroad",
    { status: 302, headers: { location: "https://evil.example/secrets/k" } },
    /HTTP 302\)\. The response is unexpected/,
  ],
  [
    "a refusal that no vault gives",
    { status: 418, body: { error: { code: value, message: value, innererror: { code: value } } } },
    /HTTP 418\)\. The response is unexpected/,
  ],
];
for (const [name, given, says] of strange) {
  test(`${name} is not followed, and the operator's`, async () => {
    answers = ({ headers }) => (headers.authorization ? given : challenge(audience));
    const reader = createKeyVault(allowing(hostOf(stranger.url)));
    expectProblem(await reader.readSecret(`${stranger.url}/secrets/k`, instanceId), "SecretForbidden", says);
    assert.equal(stranger.asked.length, 2, "the challenge and the call");
  });
}

test("an identity that gives no token: later, and no blame on the vault", async () => {
  answers = () => challenge("https://another.vault.example");
  await identity.close();
  const reader = createKeyVault(allowing(hostOf(stranger.url)));
  const answered = await reader.readSecret(`${stranger.url}/secrets/k`, instanceId);
  expectLater(answered, "ServiceUnavailable", "transient");
  assert.match("later" in answered ? answered.later.problem.message : "", /there was no token, .*\(AggregateAuthenticationError\)\.$/);
});
