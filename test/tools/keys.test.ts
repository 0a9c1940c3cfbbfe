import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { setDefaultCACertificates } from "node:tls";
import { makeCertificate } from "../../local/azure/certificate.ts";
import { startIdentity } from "../../local/azure/identity.ts";
import { startKeyVault } from "../../local/azure/key-vault/server.ts";
import { createTokens } from "../../local/azure/tokens.ts";
import { readSettings } from "../../shared/settings.ts";
import { changeRing } from "../../tools/change-ring.ts";
import { addKey, dropKey, moveToFront, readRing } from "../../tools/sealing-ring.ts";
import { runCommand } from "../support/command.ts";

// `npm run keys` against the local vault, as an operator runs it.

const root = join(import.meta.dirname, "..", "..");
const directory = mkdtempSync(join(tmpdir(), "keys-"));
const tokens = createTokens(86_400);
const newKey = () => randomBytes(32).toString("base64");
let identity: Awaited<ReturnType<typeof startIdentity>>;
let vault: Awaited<ReturnType<typeof startKeyVault>>;
let env: Record<string, string>;
before(async () => {
  const certificate = await makeCertificate(directory);
  vault = await startKeyVault({ port: 0, certificate, tokens });
  identity = await startIdentity(tokens);
  setDefaultCACertificates([readFileSync(certificate.caFile, "utf8")]);
  env = {
    ...{ IDENTITY_ENDPOINT: identity.endpoint, IDENTITY_HEADER: identity.header, AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential" },
    ...{ NODE_EXTRA_CA_CERTS: certificate.caFile, KEY_VAULT_NAME: "" },
  };
});
after(async () => {
  await vault.close();
  await identity.close();
  rmSync(directory, { recursive: true });
});

/** Everything that the command has printed since the last look. */
let printed = "";
async function keys(...args: string[]) {
  const result = await runCommand("keys", [...args, "--vault", vault.url], { env });
  printed += result.out + result.err;
  return result;
}
const control = (method: string, body?: object) =>
  fetch(`${vault.url}/local/secrets/sealing-keys`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
async function stored(): Promise<Record<string, string>> {
  const headers = { authorization: `Bearer ${tokens.issue("https://vault.azure.net").token}` };
  const response = await fetch(`${vault.url}/secrets/sealing-keys?api-version=7.6`, { headers });
  return JSON.parse(((await response.json()) as { value: string }).value) as Record<string, string>;
}
const order = async () => Object.keys(await stored());

let first = "";
beforeEach(async () => {
  first = newKey();
  await control("DELETE");
  await control("PUT", { value: JSON.stringify({ k1: first }) });
});

test("the documented steps: add, use, drop; each key keeps its value, none is shown, and the app starts with each ring", async () => {
  const rings: Record<string, string>[] = [await stored()];
  const run = async (...args: string[]) => {
    const { code, err } = await keys(...args);
    assert.deepEqual([code, err], [0, ""]);
    rings.push(await stored());
  };
  printed = "";
  await run("add");
  assert.deepEqual(await order(), ["k1", "k2"]);
  await run("use", "k2", "--everywhere");
  assert.deepEqual(await order(), ["k2", "k1"]);
  await run("drop", "k1", "--yes");
  assert.deepEqual(await order(), ["k2"]);
  await run("list");
  assert.match(printed, /, the newest of 4 versions: [0-9a-f]{32} of \d{4}-\S+\n {2}k2 {2}seals and opens\n/);
  const values = new Set(rings.flatMap((ring) => Object.values(ring)));
  assert.equal(values.size, 2);
  for (const value of values) assert.ok(!printed.includes(value));
  for (const ring of rings) readSettings({ ServiceBus: "Endpoint=sb://unused/", SEALING_KEYS: JSON.stringify(ring) });
});

test("list --json has ids and versions, and no value", async () => {
  const { code, out } = await keys("list", "--json");
  const { vault: url, version, versions, updated, ...rest } = JSON.parse(out);
  assert.deepEqual([code, url, versions, rest], [0, vault.url, 1, { keys: [{ id: "k1", seals: true }] }]);
  assert.match(version, /^[0-9a-f]{32}$/);
  assert.ok(Math.abs(Date.parse(updated) - Date.now()) < 60_000);
  const added = await keys("add", "--json");
  assert.deepEqual(JSON.parse(added.out).keys, [
    { id: "k1", seals: true },
    { id: "k2", seals: false },
  ]);
});

describe("what is refused changes nothing", () => {
  for (const [what, args, says, code = 2] of [
    ["use without --everywhere", ["use", "k1b"], /^Has every instance of the app k1b\? .*`started`.*--everywhere\n$/],
    ["use of an unknown id", ["use", "k9", "--everywhere"], /^There is no sealing key k9\. There are: k1, k1b\.\n$/],
    ["drop of the one that seals", ["drop", "k1", "--yes"], /^k1 seals, so it cannot be dropped/],
    ["drop without a terminal", ["drop", "k1b"], /^Without k1b, requests .*RequestIdConflict .*--yes\n$/],
    ["use without an id", ["use"], /^Which sealing key\? Name its id: npm run keys -- use ID\.\n$/],
    ["add with an id", ["add", "k2"], /^add takes no id\.\n$/],
    ["an unknown verb", ["rotate"], /^Command-argument value 'rotate' is invalid for argument 'VERB'\. .*list, add, use, drop/],
  ] as const) {
    test(what, async () => {
      await control("PUT", { value: JSON.stringify({ k1: first, k1b: newKey() }) });
      const before = await stored();
      const { code: found, out, err } = await keys(...args);
      assert.match(err, says);
      assert.deepEqual([found, out], [code, ""]);
      assert.deepEqual(await stored(), before);
    });
  }
});

/** util-linux runs a command on a terminal; other systems have another `script`. */
const hasTerminal = process.platform === "linux" && existsSync("/usr/bin/script");
for (const [answer, code, ids] of [
  ["n", 1, ["k1", "k1b"]],
  ["y", 0, ["k1"]],
] as const) {
  test(`drop on a terminal asks, and ${answer} means exit code ${code}`, { skip: !hasTerminal }, async () => {
    await control("PUT", { value: JSON.stringify({ k1: first, k1b: newKey() }) });
    const command = [process.execPath, join(root, "tools", "keys.ts"), "drop", "k1b", "--vault", vault.url].join(" ");
    const child = spawn("/usr/bin/script", ["-qec", command, "/dev/null"], { env: { ...process.env, ...env } });
    let shown = "";
    child.stdout.on("data", (chunk: Buffer) => {
      const asked = shown.includes("Drop k1b?");
      shown += chunk;
      if (!asked && shown.includes("Drop k1b?")) child.stdin.write(`${answer}\n`);
    });
    assert.equal(await new Promise((resolve) => child.once("close", resolve)), code, shown);
    assert.match(shown, /RequestIdConflict/);
    assert.deepEqual(await order(), ids);
  });
}

test("use of the one that seals already writes nothing", async () => {
  const { code, out } = await keys("use", "k1");
  assert.deepEqual([code, out], [0, "k1 seals already. Nothing was changed.\n"]);
  assert.match((await keys("list")).out, /the newest of 1 versions/);
});

for (const [what, given, says] of [
  [
    "the vault refuses",
    { value: "{}", forbidden: true },
    /does not let you use the secret sealing-keys: get the role Key Vault Secrets Officer/,
  ],
  [
    "the secret is none",
    { value: '{"k1":"a secret of another form"}' },
    /^The app cannot use the secret sealing-keys: .*Expected keys of 32 bytes in base64\.\n$/,
  ],
  ["the secret is no JSON", { value: "another-secret" }, /^The app cannot use the secret sealing-keys: Expected a JSON object/],
] as const) {
  test(`${what}: one sentence without the value`, async () => {
    await control("PUT", given);
    const { code, out, err } = await keys("add");
    assert.match(err, says);
    assert.deepEqual([code, out], [2, ""]);
    assert.doesNotMatch(err, /another-secret|of another form/);
  });
}

test("no secret, no vault, no name of a vault: each is one sentence", async () => {
  await control("DELETE");
  assert.match((await keys("add")).err, /^127\.0\.0\.1:\d+ has no secret sealing-keys: `azd provision` makes it\.\n$/);
  const away = await runCommand("keys", ["list", "--vault", "https://127.0.0.1:1"], { env });
  assert.match(away.err, /^127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\): .*\n$/);
  const unnamed = await runCommand("keys", ["list"], { env: { ...env, PATH: "/nowhere" } });
  assert.match(unnamed.err, /^Which vault\? Name it with --vault .*\n$/);
  const wrong = await runCommand("keys", ["list", "--vault", "https://a b"], { env });
  assert.match(wrong.err, /^--vault takes the URL of a vault/);
  for (const { code } of [away, unnamed, wrong]) assert.equal(code, 2);
});

test("--help: the verbs, an example, and exit code 0", async () => {
  const { code, out, err } = await runCommand("keys", ["--help"], { env });
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^Example:\n {2}npm run keys -- add$/m);
  for (const word of ["list", "add", "use", "drop", "--everywhere", "--yes", "Exit code: 0"]) assert.ok(out.includes(word), word);
});

describe("another operator at the same time", () => {
  /** A vault in memory. `before` runs before the nth write or read of the newest version. */
  function createVault(interfere: (call: string, write: (value: string) => void) => void) {
    const versions = [{ version: "v1", updated: new Date(0), value: JSON.stringify({ k1: first }) }];
    const push = (value: string) => {
      versions.push({ version: `v${versions.length + 1}`, updated: new Date(0), value });
      return `v${versions.length}`;
    };
    let reads = 0;
    const newest = () => versions.at(-1) as (typeof versions)[number];
    return {
      versions,
      store: {
        readNewest: async () => {
          interfere(`read ${++reads}`, push);
          return newest();
        },
        listVersions: async () => versions.map(({ version }) => version),
        write: async (value: string) => {
          interfere("write", push);
          return push(value);
        },
      },
    };
  }
  const theirs = () => JSON.stringify({ k1: first, k7: newKey() });
  const add = (ring: Record<string, string>, versions: number) => addKey(ring, versions).ring;

  test("before the write: nothing is written", async () => {
    const { store, versions } = createVault((call, write) => call === "read 2" && write(theirs()));
    await assert.rejects(
      changeRing(store, add),
      /^Error: The sealing keys were changed meanwhile by another operator\. Nothing was written/,
    );
    assert.equal(versions.length, 2);
  });

  test("at the moment of the write: it is said, with the version of the other", async () => {
    const { store, versions } = createVault((call, write) => call === "write" && write(theirs()));
    await assert.rejects(changeRing(store, add), /changed by another operator at the same moment \(version v2 of the secret\)/);
    assert.equal(versions.length, 3);
  });

  test("nobody else: one version more", async () => {
    const { store, versions } = createVault(() => {});
    await changeRing(store, add);
    assert.equal(versions.length, 2);
  });
});

test("a new id was never that of another sealing key, also after one was dropped", () => {
  let ring: Readonly<Record<string, string>> = { k1: newKey() };
  const used = new Set(["k1"]);
  let versions = 1;
  for (let round = 0; round < 20; round++) {
    const { ring: added, id } = addKey(ring, versions++);
    assert.ok(!used.has(id), id);
    used.add(id);
    const [seals = ""] = Object.keys(ring);
    ring = dropKey(moveToFront(added, id), seals);
    versions += 2;
  }
  assert.equal(addKey({ k40: newKey(), other: newKey() }, 3).id, "k41");
  assert.deepEqual(Object.keys(readRing(JSON.stringify(ring))), Object.keys(ring));
});
