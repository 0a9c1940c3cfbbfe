import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { isSameConnection } from "../../shared/arm/comparison.ts";
import { validate } from "../../shared/contract/validate.ts";
import { sealSecrets } from "../../shared/secrets/sealing.ts";

// A client reads a connection and sends it back. Recorded traffic and published examples belong to
// others: they are read in place.

const directory = process.env["RECORDINGS_DIR"];
const why = "RECORDINGS_DIR names the folder of the recordings. They are not in this repository.";
const ring = new Map([["k1", Buffer.alloc(32, 7)]]);

interface Connection {
  readonly id?: string;
  readonly name?: string;
  readonly properties: object;
}

/** Returns every connection in a document: a request, a response, or a part of a gateway. */
function connectionsIn(node: unknown): Connection[] {
  if (typeof node !== "object" || node === null) return [];
  const isConnection = "properties" in node && typeof node.properties === "object" && Object.hasOwn(node.properties ?? {}, "remoteVpnSite");
  const within = Object.values(node).flatMap(connectionsIn);
  return isConnection ? [node as Connection, ...within] : within;
}

/** Returns the published examples, and the exchanges that the service did not refuse. */
function documentsIn(folder: string): unknown[] {
  const texts = (pattern: string) => globSync(pattern, { cwd: folder }).map((file) => readFileSync(join(folder, file), "utf8"));
  const lines = texts("**/*.jsonl").flatMap((text) => text.split("\n").filter(Boolean));
  const exchanges = lines.map((line) => JSON.parse(line)).filter(({ response }) => response?.status < 400);
  return [...exchanges, ...texts("specs/**/*.json").map((text) => JSON.parse(text))];
}

/** Returns the target that a connection's id and name have, as far as it has them. */
function targetOf({ id = "", name }: Connection) {
  const named = (type: string) => new RegExp(`/${type}/([^/]+)`, "i").exec(id)?.[1] ?? "x";
  return {
    subscriptionId: named("subscriptions"),
    resourceGroupName: named("resourceGroups"),
    gatewayName: named("vpnGateways"),
    connectionName: name ?? named("vpnConnections"),
  };
}

/** Returns a read as the Azure CLI prints it. */
function asCliPrints(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(asCliPrints);
  if (typeof node !== "object" || node === null) return node;
  const fields = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, asCliPrints(value)]));
  return Object.hasOwn(node, "id") ? { ...fields, resourceGroup: "rg1" } : fields;
}

describe("every connection that was read can be sent back", { skip: directory ? false : why }, () => {
  const connections = directory ? documentsIn(directory).flatMap(connectionsIn) : [];

  test("there are enough of them", () => assert.ok(connections.length > 50, String(connections.length)));

  for (const [how, written] of [
    ["as it is", (connection: Connection) => connection],
    ["as the Azure CLI prints it", (connection: Connection) => ({ ...(asCliPrints(connection) as object), location: null, tags: null })],
  ] as const)
    test(`${how}: no errors, and the request is what was read`, () => {
      for (const connection of connections) {
        const data = { target: targetOf(connection), connection: written(connection) };
        const { valid, findings } = validate(sealSecrets(data, "vpn-1", ring), null);
        const errors = findings.filter(({ severity }) => severity === "error");
        assert.deepEqual(errors, [], JSON.stringify(connection));
        assert.ok(isSameConnection(valid?.desired, connection), JSON.stringify(connection));
      }
    });
});
