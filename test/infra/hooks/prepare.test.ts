import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startAzd } from "../../support/azd.ts";
import type { WireAnswer } from "../../support/https-endpoint.ts";

// The hooks before `azd provision` and before `azd down`, and where azure.yaml calls each hook.

const root = join(import.meta.dirname, "..", "..", "..");
const subscription = "/subscriptions/00000000-0000-0000-0000-00000000000a";
const vault = (group: string, location = "westeurope") => ({
  name: "kv-vpn-abc",
  properties: { vaultId: `${subscription}/resourceGroups/${group}/providers/Microsoft.KeyVault/vaults/kv-vpn-abc`, location },
});

let deleted: WireAnswer = { status: 200, body: { value: [] } };
let registered = true;
let azd: Awaited<ReturnType<typeof startAzd>>;
before(async () => {
  azd = await startAzd(({ method, url }) => {
    if (url.includes("/deletedVaults?")) return deleted;
    return { status: 200, body: { registrationState: registered || method === "POST" ? "Registered" : "NotRegistered" } };
  });
});
after(() => azd.stop());
const calls = () => azd.asked.map(({ method, url }) => `${method} ${url.replace(`${subscription}/providers/`, "")}`);
const listDeleted = "GET Microsoft.KeyVault/deletedVaults?api-version=2024-11-01";

test("without a private network nothing is registered", async () => {
  assert.equal((await azd.run("prepare")).code, 0);
  assert.deepEqual(calls(), [listDeleted]);
});

test("a private network needs Microsoft.App, which is registered once", async () => {
  registered = false;
  const { code, err } = await azd.run("prepare", { PRIVATE_NETWORK: "true" });
  registered = true;
  assert.equal(code, 0, err);
  assert.deepEqual(calls(), [
    "GET Microsoft.App?api-version=2021-04-01",
    "POST Microsoft.App/register?api-version=2021-04-01",
    listDeleted,
  ]);
  await azd.run("prepare", { PRIVATE_NETWORK: "true" });
  assert.deepEqual(calls(), ["GET Microsoft.App?api-version=2021-04-01", listDeleted]);
});

test("a vault of this environment that was deleted stops azd, with the commands that restore it", async () => {
  deleted = { status: 200, body: { value: [vault("rg-other"), vault("RG-Prod")] } };
  const { code, err } = await azd.run("prepare");
  assert.equal(code, 1);
  assert.match(
    err,
    /^The vault kv-vpn-abc of this environment was deleted, .*: az group create --name rg-prod --location westeurope; az keyvault recover --name kv-vpn-abc .*\n$/,
  );
});

test("a deleted vault of another environment or region does not matter, and neither does a list that cannot be read", async () => {
  for (const answer of [
    { status: 200, body: { value: [vault("rg-prod-2"), vault("rg-prod", "northeurope")] } },
    { status: 403, body: { error: { code: "AuthorizationFailed" } } },
  ]) {
    deleted = answer;
    const { code, err } = await azd.run("prepare");
    assert.equal(code, 0, err);
  }
});

test("`azd down` is refused, because it would delete the groups of the gateways, and no call is made", async () => {
  const { code, err } = await azd.run("refuse-down");
  assert.equal(code, 1);
  assert.match(err, /^`azd down` would delete the resource groups of the gateways too, .*`az group delete --name rg-prod`\.\n$/);
  assert.deepEqual(azd.asked, []);
});

test("azure.yaml calls the hooks, on Windows the same ones", () => {
  const text = readFileSync(join(root, "azure.yaml"), "utf8");
  const called = Object.fromEntries(
    [...text.matchAll(/^ {2}(\w+):\n((?: {4}.*\n)+)/gm)].map(([, event, lines = ""]) => [
      event,
      [
        ...lines.matchAll(/(posix|windows): \{ shell: (\w+), run: node local\/node\.js infra\/hooks\/([\w-]+)\.ts, interactive: true \}/g),
      ].map((found) => found.slice(1).join(" ")),
    ]),
  );
  const both = (...names: string[]) => names.flatMap((name) => [`posix sh ${name}`, `windows pwsh ${name}`]);
  assert.deepEqual(
    [called["preprovision"], called["postprovision"], called["predown"]],
    [both("prepare"), both("first-key", "key-access", "check"), both("refuse-down")],
  );
});
