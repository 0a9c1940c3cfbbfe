import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { requester, requestFor } from "../support/requester.ts";
import { call, startTestStack } from "../support/running-stack.ts";

// References to Key Vault, from the message to the answer. A minute of product time takes two
// seconds.

let stack: Awaited<ReturnType<typeof startTestStack>>;
let ask: ReturnType<typeof requester>;
before(async () => {
  stack = await startTestStack({ speed: 30 });
  ask = requester(stack);
});
after(() => stack.stop());

/** Sets a secret in the vault; returns its URI without a version. */
async function store(name: string, value: string): Promise<string> {
  const { keyVault, caFile } = stack.stack.endpoints;
  const { status } = await call(String(keyVault), "PUT", `/local/secrets/${name}`, { value }, readFileSync(String(caFile)));
  assert.equal(status, 200);
  return `${keyVault}/secrets/${name}`;
}

function withSecret(gateway: number, connectionName: string, keyVaultSecretUri: string) {
  const request = requestFor(gateway, connectionName);
  const [link = assert.fail()] = request.data.connection.properties.vpnLinkConnections;
  Object.assign(link, { name: "link1" });
  Object.assign(link.properties, { sharedKey: { keyVaultSecretUri } });
  return request;
}

test("what is wrong with a reference is told while the gateway is busy; a slash at the end is no fault", async () => {
  const vault = String(stack.stack.endpoints.keyVault);
  const uri = await store("vpn-slash", "S3cretOfTheBranch");
  await ask.takes("holder", 600);
  const holder = requestFor(4, "holder");
  await ask.send(holder);
  await ask.reaches(holder, "submitted");
  const good = withSecret(4, "slash", `${uri}/`);
  const bad = [
    ["SecretUriForm", withSecret(4, "query", `${uri}?api-version=7.4`)],
    ["SecretUriForm", withSecret(4, "key", `${vault}/keys/vpn-slash`)],
    ["SecretNotAllowed", withSecret(4, "host", "https://kv-branches.example/secrets/vpn-slash/")],
    ["SecretNotAllowed", withSecret(4, "name", `${vault}/secrets/branch-0042/`)],
  ] as const;
  for (const request of [good, ...bad.map(([, each]) => each)]) await ask.send(request);
  for (const [code, request] of bad) {
    const { outcome, problem, timing } = (await ask.answerTo(request)).body.data;
    const finding = problem.details.find((each: { code: string }) => each.code === code);
    assert.deepEqual([outcome, timing.leaseGrantedAt], ["Rejected", null]);
    assert.match(finding.message, /^Link 'link1': .*keyVaultSecretUri/);
  }
  assert.equal(ask.answersTo(holder).length, 0, "the gateway is still busy");
  const answer = await ask.answerTo(good, 60_000);
  assert.equal(answer.body.data.outcome, "Succeeded", JSON.stringify(answer.body.data.problem));
});

test("a key that ends with a line feed is told with that reason, and never shown", async () => {
  const request = withSecret(5, "line-feed", await store("vpn-line-feed", "S3cretOfTheBranch\n"));
  await ask.send(request);
  const { outcome, problem } = (await ask.answerTo(request)).body.data;
  assert.deepEqual([outcome, problem.code], ["Rejected", "SecretUnusable"]);
  assert.match(problem.message, /^Link 'link1': The secret in Key Vault is not a pre-shared key: it ends with a line feed\./);
  assert.ok(!JSON.stringify(problem).includes("S3cret"));
  assert.equal((await ask.putsOf("line-feed")).length, 0);
});
