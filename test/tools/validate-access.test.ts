import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { accessSettingNames } from "../../shared/settings.ts";
import { cancellationOf } from "../support/requester.ts";
import { sampleEvent } from "../support/sample.ts";

// `npm run validate`: the form of a Key Vault URI always; the vault, the secret and the target if
// the app's settings are known.

const root = join(import.meta.dirname, "..", "..");
const directory = mkdtempSync(join(tmpdir(), "validate-access-"));
after(() => rmSync(directory, { recursive: true }));

const unset = Object.fromEntries(accessSettingNames.map((name) => [name, ""]));
function run(settings: Record<string, string>, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "tools", "validate.ts"), ...args], {
    ...{ encoding: "utf8", cwd: directory, env: { ...process.env, COLUMNS: "", ...unset, ...settings } },
  });
  return { status, stdout, stderr };
}
const lineOf = ({ stdout }: { stdout: string }) => JSON.parse(stdout.trim());
const errorsOf = (result: { stdout: string }) =>
  lineOf(result).errors.map(({ code, link, field }: Record<string, string>) => [code, link, field]);

function file(name: string, content: unknown): string {
  writeFileSync(join(directory, name), JSON.stringify(content));
  return name;
}
function withSecret(uri: string) {
  return sampleEvent(({ data: { connection } }) => {
    const [link = assert.fail()] = connection.properties.vpnLinkConnections;
    Object.assign(link, { name: "link1" });
    Object.assign(link.properties, { sharedKey: { keyVaultSecretUri: uri } });
  });
}
const host = "kv-branches.example";
const slash = file("slash.json", withSecret(`https://${host}/secrets/branch-0042/`));
const plain = file("plain.json", sampleEvent());
const place = ["link1", "sharedKey.keyVaultSecretUri"];
const { target } = sampleEvent().data;
const allowGateway = (source: string) =>
  JSON.stringify({ [source]: [`/subscriptions/${target.subscriptionId}/resourceGroups/${target.resourceGroupName}`] });
const every = {
  ALLOWED_TARGETS: allowGateway(sampleEvent().source),
  KEY_VAULT_ALLOWED_HOSTS: host,
  KEY_VAULT_ALLOWED_SECRETS: JSON.stringify({ [host]: ["branch-*"] }),
};

test("the form is judged without settings, and a slash at the end is accepted", () => {
  assert.deepEqual([run({}, slash).status, errorsOf(run({}, "--json", slash))], [0, []]);
  for (const end of ["/keys/k", "/certificates/k", "/secrets/k?api-version=7.4", "/secrets/k#x", ":8443/secrets/k"]) {
    const result = run({}, "--json", file("form.json", withSecret(`https://${host}${end}`)));
    assert.deepEqual([result.status, errorsOf(result)], [1, [["SecretUriForm", ...place]]], end);
    assert.match(lineOf(result).errors[0].message, /The form is https:\/\/myvault\.vault\.azure\.net\/secrets\//);
  }
});

test("what is not set is not checked, and the last line says so", () => {
  assert.deepEqual(lineOf(run({}, "--json", slash)).notChecked, [...accessSettingNames]);
  assert.match(
    run({}, slash).stdout,
    /^Not checked: .*\(ALLOWED_TARGETS is not set\), .*\(KEY_VAULT_ALLOWED_HOSTS is not set\), .*\(KEY_VAULT_ALLOWED_SECRETS is not set\)\.\n$/m,
  );
  // Without a reference to Key Vault its settings decide nothing.
  assert.deepEqual(lineOf(run({}, "--json", plain)).notChecked, ["ALLOWED_TARGETS"]);
  assert.match(run({}, plain).stdout, /\nNot checked: [^,]*\(ALLOWED_TARGETS is not set\)\.\n$/);
  assert.deepEqual(lineOf(run(every, "--json", slash)).notChecked, []);
  assert.doesNotMatch(run(every, slash, plain).stdout, /Not checked/);
  const cancellation = file("cancel.json", cancellationOf({ id: "R1", source: "/tests" }));
  assert.deepEqual(lineOf(run({}, "--json", cancellation)).notChecked, []);
});

test("vault, secret and target are judged by the settings that are set", () => {
  const rows: readonly (readonly [settings: Partial<typeof every>, errors: readonly unknown[]])[] = [
    [every, []],
    [{ KEY_VAULT_ALLOWED_HOSTS: host }, []],
    [{ KEY_VAULT_ALLOWED_HOSTS: "other.example" }, [["SecretNotAllowed", ...place]]],
    [{ KEY_VAULT_ALLOWED_SECRETS: every.KEY_VAULT_ALLOWED_SECRETS }, []],
    [{ KEY_VAULT_ALLOWED_SECRETS: JSON.stringify({ [host]: ["vpn-*"] }) }, [["SecretNotAllowed", ...place]]],
    [{ KEY_VAULT_ALLOWED_SECRETS: JSON.stringify({ "other.example": ["*"] }) }, [["SecretNotAllowed", ...place]]],
    [{ ALLOWED_TARGETS: every.ALLOWED_TARGETS }, []],
    [{ ALLOWED_TARGETS: allowGateway("/others") }, [["TargetNotAllowed", null, "target"]]],
    [
      { ALLOWED_TARGETS: allowGateway("/others"), KEY_VAULT_ALLOWED_HOSTS: "other.example" },
      [
        ["TargetNotAllowed", null, "target"],
        ["SecretNotAllowed", ...place],
      ],
    ],
  ];
  for (const [settings, errors] of rows) {
    const result = run(settings, "--json", slash);
    assert.deepEqual([errorsOf(result), result.status], [errors, errors.length > 0 ? 1 : 0], JSON.stringify(settings));
  }
});

test("a body alone names no source: its secrets are judged, its target is not", () => {
  const { data } = withSecret(`https://${host}/secrets/other`);
  const { subscriptionId, resourceGroupName, gatewayName, connectionName } = data.target;
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Network/vpnGateways/${gatewayName}/vpnConnections/${connectionName}`;
  const { ticket: _, ...bare } = data;
  for (const args of [[file("bare.json", bare)], ["--body", "--target", id, file("body.json", data.connection)]]) {
    const result = run(every, "--json", ...args);
    assert.deepEqual([errorsOf(result), lineOf(result).notChecked], [[["SecretNotAllowed", ...place]], ["ALLOWED_TARGETS"]]);
    assert.match(run(every, ...args).stdout, /\nNot checked: .*\(a body alone names no source\)\.\n$/);
  }
});

test("a setting that cannot be read is named, and nothing is judged", () => {
  for (const name of accessSettingNames) {
    const { status, stdout, stderr } = run({ [name]: "https://S3cret" }, plain);
    assert.deepEqual([status, stdout], [2, ""]);
    assert.ok(stderr.includes(`${name}: Expected `) && !stderr.includes("S3cret"), stderr);
  }
});
