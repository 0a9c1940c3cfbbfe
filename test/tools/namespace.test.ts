import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { CredentialUnavailableError } from "@azure/identity";
import { findNamespace, openClient, reasonOf } from "../../tools/namespace.ts";

// Which namespace a command talks to, and as whom. No connection is opened here.

const nowhere = join(tmpdir(), "no-stack-is-here");
const host = "sb-vpn-x.servicebus.windows.net";
const settings = ["ServiceBus", "ServiceBus__fullyQualifiedNamespace"];
afterEach(() => {
  for (const name of settings) delete process.env[name];
});

test("with a host name the caller's identity is used", async () => {
  process.env["ServiceBus__fullyQualifiedNamespace"] = host;
  const namespace = findNamespace(nowhere);
  assert.deepEqual(namespace, {
    address: host,
    requestQueue: "vpn-connection-requests",
    completionTopic: "vpn-connection-events",
    functionsHost: null,
  });
  const client = await openClient(namespace);
  assert.equal(client.fullyQualifiedNamespace, host);
  await client.close();
});

test("a connection string goes before a host name", async () => {
  process.env["ServiceBus__fullyQualifiedNamespace"] = host;
  process.env["ServiceBus"] = "Endpoint=sb://other.example/;SharedAccessKeyName=n;SharedAccessKey=k";
  const client = await openClient(findNamespace(nowhere));
  assert.equal(client.fullyQualifiedNamespace, "other.example");
  await client.close();
});

test("without an identity the reason says what to do", () => {
  const error = new CredentialUnavailableError("Please run 'az login' from a command prompt.");
  const namespace = { address: host, requestQueue: "q", completionTopic: "t", functionsHost: null };
  assert.equal(reasonOf(error, namespace), `${host} cannot know who you are. Sign in first, for example with az login`);
});
