import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { waitForSealingKeys } from "../../../infra/hooks/key-reference.ts";
import { startAzd } from "../../support/azd.ts";
import { deployed, snapshotNames, textOf } from "../../support/deployment.ts";
import type { WireAnswer } from "../../support/https-endpoint.ts";

// The hook that lets the app read the secret that the hook before has made.

const subscription = "/subscriptions/00000000-0000-0000-0000-00000000000a";
const group = `${subscription}/resourceGroups/rg-prod/providers`;
const assignment = `${group}/Microsoft.KeyVault/vaults/kv-vpn-abc/secrets/sealing-keys/providers/Microsoft.Authorization/roleAssignments/00000000-0000-0000-0000-0000000000dd?api-version=2022-04-01`;
const references = `${group}/Microsoft.Web/sites/func-vpn-abc/config/configreferences/appsettings`;

let assigned = false;
let answerToPut: WireAnswer = { status: 201, body: {} };
let azd: Awaited<ReturnType<typeof startAzd>>;
before(async () => {
  azd = await startAzd(({ method, url }) => {
    if (url.startsWith(references)) return { status: 200, body: { properties: { status: "Resolved" } } };
    if (method === "PUT") return answerToPut;
    return assigned ? { status: 200, body: {} } : { status: 404, body: { error: { code: "RoleAssignmentNotFound" } } };
  });
});
after(() => azd.stop());
const calls = () => azd.asked.map(({ method, url }) => [method, url]);
const refresh = [
  ["POST", `${references}/refresh?api-version=2022-03-01`],
  ["GET", `${references}/SEALING_KEYS?api-version=2022-03-01`],
];

test("no role yet: it is given on the secret alone, under the name that Bicep uses, and the app reads again", async () => {
  const { code, out, err } = await azd.run("key-access");
  assert.equal(code, 0, err);
  assert.equal(out, "The app may read its sealing keys.\nThe app sees its sealing keys.\n");
  assert.deepEqual(calls(), [["GET", assignment], ["PUT", assignment], ...refresh]);
  assert.deepEqual(JSON.parse(azd.asked[1]?.text ?? ""), {
    properties: {
      principalId: "00000000-0000-0000-0000-0000000000cc",
      principalType: "ServicePrincipal",
      roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6`,
    },
  });
});

test("the role is there: nothing is given", async () => {
  assigned = true;
  const { code, out } = await azd.run("key-access");
  assigned = false;
  assert.deepEqual([code, out], [0, "The app sees its sealing keys.\n"]);
  assert.deepEqual(calls(), [["GET", assignment], ...refresh]);
});

test("the role is there under another name: that is enough", async () => {
  answerToPut = { status: 409, body: { error: { code: "RoleAssignmentExists", message: "exists" } } };
  assert.equal((await azd.run("key-access")).code, 0);
});

test("a 403 ends with one sentence that names the role", async () => {
  answerToPut = { status: 403, body: { error: { code: "AuthorizationFailed", message: "no" } } };
  const { code, err } = await azd.run("key-access");
  assert.equal(code, 1);
  assert.match(err, /^Azure does not let you give the app the role .* \(403 AuthorizationFailed\): get the role Owner, .*\n$/);
});

test("Azure reads the vault again until it succeeds, and the end of patience is said", async () => {
  const pauses: number[] = [];
  const waitFor = (statuses: readonly string[]) => {
    let reads = 0;
    pauses.length = 0;
    const read = () => ({ properties: { status: statuses[Math.min(reads++, statuses.length - 1)] } });
    return waitForSealingKeys(
      async (method) => ({ status: 200, body: method === "GET" ? read() : null }),
      "/app",
      async (seconds) => pauses.push(seconds),
    );
  };
  assert.equal(await waitFor(["AccessToKeyVaultDenied", "AccessToKeyVaultDenied", "Resolved"]), "Resolved");
  assert.deepEqual(pauses, [20, 20]);
  assert.equal(await waitFor(["AccessToKeyVaultDenied"]), "AccessToKeyVaultDenied");
  assert.equal(pauses.length, 29);
});

test("Bicep gives the role only if the secret exists, and tells the hook the name of the assignment", () => {
  assert.match(textOf("main.bicepparam"), /^param sealingKeyExists = bool\(readEnvironmentVariable\('SEALING_KEY_EXISTS', 'false'\)\)$/m);
  assert.match(
    textOf("modules/key-vault.bicep"),
    /roleAssignments@[\d-]+' = if \(sealingKeyExists\) \{\n {2}scope: sealingKeys\n {2}name: readerAssignment\n/,
  );
  for (const name of snapshotNames) {
    const onSecret = deployed(name, "Microsoft.Authorization/roleAssignments").filter(({ id }) => id.includes("secrets/sealing-keys"));
    assert.equal(onSecret.length, 1, name);
  }
});
