import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startAzd } from "../../support/azd.ts";
import type { WireAnswer } from "../../support/https-endpoint.ts";

// The hook that makes the first sealing key, against a Resource Manager that keeps one secret.

const path =
  "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/rg-prod/providers/Microsoft.KeyVault/vaults/kv-vpn-abc/secrets/sealing-keys?api-version=2024-11-01";
const refusal = (code: string) => ({ error: { code, message: `${code}: not allowed.\nSee the log.` } });

let stored: string | undefined;
let refused: WireAnswer | undefined;
let azd: Awaited<ReturnType<typeof startAzd>>;
before(async () => {
  azd = await startAzd(({ method, text }) => {
    if (refused && method === "PUT") return refused;
    if (method === "PUT") stored = JSON.parse(text).properties.value;
    // Resource Manager never shows the value.
    return stored === undefined ? { status: 404, body: refusal("SecretNotFound") } : { status: 200, body: { name: "sealing-keys" } };
  });
});
after(() => azd.stop());
const puts = () => azd.asked.filter(({ method }) => method === "PUT");

test("no key: one PUT with 32 random bytes, as the user of azd, and the value is nowhere else", async () => {
  const values: string[] = [];
  for (let run = 0; run < 2; run++) {
    stored = undefined;
    const { code, out, err, argv } = await azd.run("first-key", { AZURE_LOG_LEVEL: run === 0 ? "" : "verbose" });
    assert.equal(code, 0, err);
    assert.equal(out, "The vault kv-vpn-abc has its first sealing key, k1.\n");
    assert.deepEqual(
      azd.asked.map(({ method, url }) => [method, url]),
      [
        ["GET", path],
        ["PUT", path],
      ],
    );
    assert.equal(azd.asked[1]?.headers["authorization"], "Bearer the-token-of-azd");
    const ring = JSON.parse(stored ?? "") as Record<string, string>;
    assert.deepEqual(Object.keys(ring), ["k1"]);
    const key = Buffer.from(ring["k1"] ?? "", "base64");
    assert.equal(key.length, 32);
    for (const form of [ring["k1"] ?? "", key.toString("hex"), key.toString("base64url")])
      for (const place of [out, err, argv.join(" "), azd.written()]) assert.ok(!place.includes(form));
    values.push(ring["k1"] ?? "");
  }
  assert.notEqual(values[0], values[1]);
  assert.match(azd.written(), /"args":\["auth","token"/);
});

test("a key is there: it stays", async () => {
  stored = "a ring";
  const { code, out } = await azd.run("first-key");
  assert.deepEqual([code, out], [0, "The vault kv-vpn-abc has sealing keys. Nothing was changed.\n"]);
  assert.deepEqual([stored, puts()], ["a ring", []]);
});

test("a 403 ends with one sentence that says what to do, without the value", async () => {
  stored = undefined;
  refused = { status: 403, body: refusal("AuthorizationFailed") };
  const { code, out, err } = await azd.run("first-key");
  refused = undefined;
  assert.deepEqual([code, out], [1, ""]);
  assert.equal(
    err,
    "Azure does not let you write the secret sealing-keys of the vault kv-vpn-abc (403 AuthorizationFailed): get the role Key Vault Contributor there, then run the same azd command again.\n",
  );
});

test("any other refusal is said in one sentence, and so is a run without azd", async () => {
  stored = undefined;
  refused = { status: 409, body: refusal("Conflict") };
  const conflict = await azd.run("first-key");
  refused = undefined;
  assert.equal(conflict.code, 1);
  assert.equal(
    conflict.err,
    "Azure did not write the secret sealing-keys of the vault kv-vpn-abc (409 Conflict): Conflict: not allowed.\n",
  );
  const alone = await azd.run("first-key", { KEY_VAULT_NAME: "" });
  assert.equal(alone.code, 1);
  assert.match(alone.err, /^KEY_VAULT_NAME is not set: run this by azd .*\n$/);
});
