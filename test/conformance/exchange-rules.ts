import assert from "node:assert/strict";

// What every exchange about a connection shows, live or recorded. Sources:
// https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/async-operations, the
// reference of vpnConnections, and recorded traffic of api-versions 2020-05-01 to 2022-07-01.

/** An answer as it came; header names in lower case. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, looked at field by field
  readonly body: any;
}

/**
 * A PUT that is taken: 201 where nothing was there, 200 else; both are asynchronous, and the
 * operation is named by one header alone.
 */
export function assertAccepted(answer: WireAnswer, existed: boolean, endpoint: string): void {
  assert.equal(answer.status, existed ? 200 : 201);
  assert.equal(answer.body.properties.provisioningState, "Updating");
  assertOperationUrl(answer.headers["azure-asyncoperation"], "operations", endpoint);
  assert.equal(answer.headers["location"], undefined);
  assertWait(answer);
  assertNoSecret(answer.body);
}

/** A DELETE that is taken: 202, and the operation is named twice. */
export function assertDeleting(answer: WireAnswer, endpoint: string): void {
  assert.equal(answer.status, 202);
  assertOperationUrl(answer.headers["azure-asyncoperation"], "operations", endpoint);
  assertOperationUrl(answer.headers["location"], "operationResults", endpoint);
  assertWait(answer);
}

/**
 * A poll: 200 whatever the operation came to, a status word, the error where it failed, and nothing
 * else; answers the word.
 */
export function assertPoll(answer: WireAnswer): string {
  assert.equal(answer.status, 200);
  const { status, error, ...others } = answer.body;
  assert.deepEqual(others, {});
  assert.match(status, /^(InProgress|Succeeded|Failed|Canceled)$/);
  assert.equal(error !== undefined, status === "Failed" || status === "Canceled");
  if (error !== undefined) assertError(error);
  assertWait(answer);
  return status;
}

/**
 * The connection after a success: it and its links say Succeeded, everything has its id, and what
 * the service decides is filled in.
 */
export function assertProvisioned(answer: WireAnswer, id: string, putEtag: unknown): void {
  assert.equal(answer.status, 200);
  const { properties, etag, ...named } = answer.body;
  assert.equal(String(named.id).toLowerCase(), id.toLowerCase());
  assert.equal(named.name, named.id.split("/").at(-1));
  assert.equal(named.type, "Microsoft.Network/vpnGateways/vpnConnections");
  assert.match(etag, /^W\/"[0-9a-f-]{36}"$/);
  assert.notEqual(etag, putEtag, "another etag than the PUT's");
  assert.equal(properties.provisioningState, "Succeeded");
  assert.match(properties.routingConfiguration.associatedRouteTable.id, /\/hubRouteTables\/[^/]+$/);
  assert.ok(properties.routingConfiguration.propagatedRouteTables.ids.length > 0);
  for (const link of properties.vpnLinkConnections ?? []) {
    assert.equal(link.id, `${named.id}/vpnLinkConnections/${link.name}`);
    assert.equal(link.type, "Microsoft.Network/vpnGateways/vpnConnections/vpnLinkConnections");
    assert.equal(link.properties.provisioningState, "Succeeded");
    assertTunnel(link.properties);
  }
  // What belongs to a tunnel stands on the links where there are any, and on the connection where
  // there are none.
  if (properties.vpnLinkConnections) assert.equal(properties.connectionBandwidth, undefined);
  else assertTunnel(properties);
  assertNoSecret(answer.body);
}

/**
 * A connection that is not there is told by the provider; what is missing above it by Resource
 * Manager itself.
 */
export function assertMissing(answer: WireAnswer, code: "NotFound" | "ResourceNotFound" = "NotFound"): void {
  assert.equal(answer.status, 404);
  assert.equal(answer.body.error.code, code);
  assertError(answer.body.error);
  if (code === "ResourceNotFound") assert.equal(answer.headers["x-ms-failure-cause"], "gateway");
}

/** An error in Resource Manager's form. */
export function assertError(error: { readonly code: unknown; readonly message: unknown }): void {
  assert.equal(typeof error.code, "string");
  assert.equal(typeof error.message, "string");
}

function assertTunnel(properties: Readonly<Record<string, unknown>>): void {
  for (const name of [
    "connectionBandwidth",
    "ipsecPolicies",
    "vpnConnectionProtocolType",
    "enableBgp",
    "enableRateLimiting",
    "routingWeight",
  ])
    assert.notEqual(properties[name], undefined, name);
  assert.match(String(properties["connectionStatus"]), /^(Unknown|NotConnected|Connecting|Connected)$/);
}

function assertOperationUrl(url: string | undefined, segment: string, endpoint: string): void {
  const { origin, pathname } = new URL(String(url));
  assert.equal(origin, endpoint);
  assert.match(pathname, new RegExp(`^/subscriptions/[^/]+/providers/Microsoft\\.Network/locations/[^/]+/${segment}/[0-9a-f-]{36}$`));
}

function assertWait({ headers }: WireAnswer): void {
  const wait = headers["retry-after"];
  if (wait !== undefined) assert.match(wait, /^\d+$/);
}

function assertNoSecret(body: unknown): void {
  assert.doesNotMatch(JSON.stringify(body), /"sharedKey"/i);
}
