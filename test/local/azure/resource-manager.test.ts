import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startAzure } from "../../../local/azure/index.ts";
import { createManualClock } from "../../../local/clock.ts";

// The simulator over its own TLS, on a clock that the tests move.

const clock = createManualClock(Date.UTC(2026, 0, 1));
const directory = mkdtempSync(join(tmpdir(), "azure-"));
let azure: Awaited<ReturnType<typeof startAzure>>;
let token: string;
before(async () => {
  azure = await startAzure({ port: 0, directory, clock });
  token = await tokenFor(azure.resourceManagerUrl);
});
after(async () => {
  await azure.close();
  rmSync(directory, { recursive: true });
});

async function tokenFor(resource: string): Promise<string> {
  const url = `${azure.identity.endpoint}?api-version=2019-08-01&resource=${encodeURIComponent(resource)}`;
  const response = await fetch(url, { headers: { "x-identity-header": azure.identity.header } });
  return ((await response.json()) as { access_token: string }).access_token;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, looked at field by field
  readonly body: any;
}

function call(method: string, path: string, body?: unknown, authorization: string | null = `Bearer ${token}`): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      new URL(path, azure.resourceManagerUrl),
      {
        method,
        ca: readFileSync(azure.caFile),
        agent: false,
        headers: { ...(authorization === null ? {} : { authorization }), "content-type": "application/json" },
      },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk));
        response.on("error", reject);
        response.on("end", () => {
          const json = /^[[{]/.test(text);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers as never,
            text,
            body: json && text.endsWith("}") ? JSON.parse(text) : json ? tryParse(text) : undefined,
          });
        });
      },
    );
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body));
  });
}
function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const base = "/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network";
const at = (gateway: number, connection = "c1") =>
  `${base}/vpnGateways/gateway${gateway}/vpnConnections/${connection}?api-version=2024-03-01`;
const withLinks = (site = "vpnSite1", more: object = {}) => ({
  properties: {
    remoteVpnSite: { id: `${base}/vpnSites/${site}` },
    vpnLinkConnections: [
      { name: "l1", properties: { vpnSiteLink: { id: `${base}/vpnSites/${site}/vpnSiteLinks/siteLink1` }, sharedKey: "secret-key" } },
    ],
    ...more,
  },
});
const operationPath = ({ headers }: Answer) => {
  const { pathname, search } = new URL(String(headers["azure-asyncoperation"]));
  return pathname + search;
};

test("a change runs for six seconds of the clock, polled or not: 201, Updating, Succeeded, another etag", async () => {
  const put = await call("PUT", at(1), withLinks());
  assert.equal(put.status, 201);
  assert.equal(put.body.properties.provisioningState, "Updating");
  assert.equal(put.headers["retry-after"], "2");
  assert.ok(operationPath(put).length > 3000, "a signed URL of 3 KB");
  assert.deepEqual((await call("GET", operationPath(put))).body, { status: "InProgress" });
  clock.advanceTo(clock.now() + 6000);
  const poll = await call("GET", operationPath(put));
  assert.deepEqual([poll.body, poll.headers["retry-after"]], [{ status: "Succeeded" }, undefined]);
  const { body } = await call("GET", at(1));
  assert.equal(body.properties.provisioningState, "Succeeded");
  assert.notEqual(body.etag, put.body.etag);
  const [link] = body.properties.vpnLinkConnections;
  assert.equal(link.id, `${base}/vpnGateways/gateway1/vpnConnections/c1/vpnLinkConnections/l1`);
  assert.deepEqual(
    [link.properties.connectionBandwidth, link.properties.connectionStatus, link.properties.provisioningState],
    [10, "NotConnected", "Succeeded"],
  );
  assert.ok(!JSON.stringify(body).includes("secret-key"), "keys are not echoed");
  assert.deepEqual(body.properties.routingConfiguration.propagatedRouteTables.labels, ["default"]);
});

test("an update is 200 and asynchronous too, and a site without links takes a connection without them", async () => {
  const body = { properties: { remoteVpnSite: { id: `${base}/vpnSites/siteWithoutLinks` } } };
  assert.equal((await call("PUT", at(2), body)).status, 201);
  clock.advanceTo(clock.now() + 6000);
  const update = await call("PUT", at(2), body);
  assert.deepEqual(
    [update.status, update.body.properties.provisioningState, update.body.properties.connectionBandwidth],
    [200, "Updating", 10],
  );
});

test("one change per gateway at a time: 409 names the operation that is in the way", async () => {
  const first = await call("PUT", at(3, "a"), withLinks());
  const second = await call("PUT", at(3, "b"), withLinks());
  assert.deepEqual([second.status, second.body.error.code], [409, "AnotherOperationInProgress"]);
  assert.ok(second.body.error.message.includes(String(first.headers["azure-asyncoperation"])));
  assert.equal((await call("GET", `${base}/vpnGateways/gateway3?api-version=2024-03-01`)).body.properties.provisioningState, "Updating");
  assert.equal((await call("PUT", at(4, "b"), withLinks())).status, 201);
  clock.advanceTo(clock.now() + 6000);
  assert.equal((await call("PUT", at(3, "b"), withLinks())).status, 201);
});

test("a site with links and no link connections is accepted, fails, and stays Failed until it is put right", async () => {
  const put = await call("PUT", at(5), { properties: { remoteVpnSite: { id: `${base}/vpnSites/vpnSite1` } } });
  assert.equal(put.status, 201);
  clock.advanceTo(clock.now() + 6000);
  const { body } = await call("GET", operationPath(put));
  assert.deepEqual([body.status, body.error.code, body.error.details], ["Failed", "InvalidConnectedSiteId", []]);
  assert.equal((await call("GET", at(5))).body.properties.provisioningState, "Failed");
  await call("PUT", at(5), withLinks());
  clock.advanceTo(clock.now() + 6000);
  assert.equal((await call("GET", at(5))).body.properties.provisioningState, "Succeeded");
});

test("a connection is deleted: 202, Deleting, 404 of the provider", async () => {
  await call("PUT", at(6), withLinks());
  clock.advanceTo(clock.now() + 6000);
  const deleted = await call("DELETE", at(6));
  assert.equal(deleted.status, 202);
  assert.ok(deleted.headers["location"]?.includes("/operationResults/"));
  assert.equal((await call("GET", at(6))).body.properties.provisioningState, "Deleting");
  clock.advanceTo(clock.now() + 6000);
  assert.equal((await call("GET", at(6))).body.error.code, "NotFound");
  assert.equal((await call("DELETE", at(6))).status, 204);
});

const refusals: readonly (readonly [name: string, method: string, path: string, body: unknown, status: number, code: string])[] = [
  ["no JSON", "PUT", at(7), "{", 400, "InvalidRequestContent"],
  ["no site", "PUT", at(7), { properties: {} }, 400, "InvalidRequestFormat"],
  ["IPsec policies beside links", "PUT", at(7), withLinks("vpnSite1", { ipsecPolicies: [] }), 400, "VpnConnectionPropertyIsDeprecated"],
  ["an unknown gateway", "PUT", at(7).replace("gateway7", "none"), withLinks(), 404, "ResourceNotFound"],
  ["an unknown resource group", "GET", at(7).replace("rg1", "rg9"), undefined, 404, "ResourceGroupNotFound"],
  ["no api-version", "GET", at(7).split("?")[0] ?? "", undefined, 400, "MissingApiVersionParameter"],
  ["an api-version that is none", "GET", at(7).replace("2024-03-01", "latest"), undefined, 400, "InvalidApiVersionParameter"],
  [
    "a type it does not have",
    "GET",
    "/subscriptions/subid/providers/Microsoft.Compute/x?api-version=2024-03-01",
    undefined,
    404,
    "InvalidResourceType",
  ],
];
for (const [name, method, path, body, status, code] of refusals) {
  test(`refused: ${name}`, async () => {
    const answer = await call(method, path, body);
    assert.deepEqual([answer.status, answer.body.error.code], [status, code]);
    assert.equal(answer.headers["content-type"], "application/json; charset=utf-8");
  });
}

test("without a good token nothing is answered, polls included", async () => {
  const expired = await startAzure({ port: 0, directory: join(directory, "expired"), clock, tokenLifetimeSeconds: -60 });
  after(() => expired.close());
  const other = await tokenFor("https://vault.azure.net");
  const put = await call("PUT", at(8), withLinks());
  for (const [authorization, code] of [
    [null, "AuthenticationFailed"],
    ["Bearer not.a.token", "InvalidAuthenticationToken"],
    [`Bearer ${token.slice(0, -4)}AAAA`, "InvalidAuthenticationToken"],
    [`Bearer ${other}`, "InvalidAuthenticationTokenAudience"],
  ] as const) {
    for (const path of [at(8), operationPath(put)]) {
      const answer = await call("GET", path, undefined, authorization);
      assert.deepEqual([answer.status, answer.body.error.code], [401, code]);
      assert.match(String(answer.headers["www-authenticate"]), /^Bearer /);
    }
  }
  const url = `${expired.identity.endpoint}?api-version=2019-08-01&resource=${encodeURIComponent(expired.resourceManagerUrl)}`;
  const { access_token } = (await (await fetch(url, { headers: { "x-identity-header": expired.identity.header } })).json()) as {
    access_token: string;
  };
  const answer = await new Promise<string>((resolve) => {
    const options = { ca: readFileSync(expired.caFile), agent: false, headers: { authorization: `Bearer ${access_token}` } };
    request(new URL(at(8), expired.resourceManagerUrl), options, (response) =>
      response.on("data", (chunk: Buffer) => resolve(String(chunk))),
    ).end();
  });
  assert.match(answer, /ExpiredAuthenticationToken/);
});

test("the token endpoint wants its header and its api-version", async () => {
  const ask = (query: string, headers: Record<string, string>) => fetch(`${azure.identity.endpoint}?${query}`, { headers });
  assert.equal((await ask("api-version=2019-08-01&resource=x", {})).status, 401);
  assert.equal((await ask("api-version=2017-09-01&resource=x", { "x-identity-header": azure.identity.header })).status, 400);
  assert.equal((await ask("api-version=2019-08-01", { "x-identity-header": azure.identity.header })).status, 400);
});

test("an operation URL that was changed is not known", async () => {
  const path = operationPath(await call("PUT", at(9), withLinks()));
  assert.equal((await call("GET", path.replace("&s=", "&s=A"))).status, 404);
});

test("faults: answers, order, counting, broken connections, ends of operations, headers", async () => {
  const script = (faults: unknown) => call("POST", "/local/faults", faults, null);
  await script([
    { connection: "f1", on: "put", respond: { status: 503, body: "<html>busy</html>" } },
    {
      connection: "f1",
      on: "put",
      respond: { status: 429, headers: { "retry-after": "9" }, body: { error: { code: "TooManyRequests", message: "wait" } } },
    },
    { connection: "f1", on: "put", reset: "before" },
    { connection: "f1", on: "put", reset: "after" },
  ]);
  const html = await call("PUT", at(10, "f1"), withLinks());
  assert.deepEqual([html.status, html.text], [503, "<html>busy</html>"]);
  const throttled = await call("PUT", at(10, "f1"), withLinks());
  assert.deepEqual([throttled.status, throttled.headers["retry-after"]], [429, "9"]);
  await assert.rejects(call("PUT", at(10, "f1"), withLinks()));
  assert.equal((await call("GET", at(10, "f1"))).status, 404);
  await assert.rejects(call("PUT", at(10, "f1"), withLinks()));
  assert.equal((await call("GET", at(10, "f1"))).body.properties.provisioningState, "Updating");

  await script({
    connection: "f2",
    on: "put",
    operation: { end: "Canceled", seconds: 60 },
    headers: { "azure-asyncoperation": "https://elsewhere.example/operations/1" },
  });
  const put = await call("PUT", at(11, "f2"), withLinks());
  assert.equal(put.headers["azure-asyncoperation"], "https://elsewhere.example/operations/1");
  clock.advanceTo(clock.now() + 59_000);
  assert.equal((await call("GET", at(11, "f2"))).body.properties.provisioningState, "Updating");
  clock.advanceTo(clock.now() + 1_000);
  assert.equal((await call("GET", at(11, "f2"))).body.properties.provisioningState, "Canceled");

  await script({ connection: "f3", on: "get", after: 1, times: 1, respond: { status: 500 } });
  assert.deepEqual(
    [(await call("GET", at(12, "f3"))).status, (await call("GET", at(12, "f3"))).status, (await call("GET", at(12, "f3"))).status],
    [404, 500, 404],
  );
  assert.equal((await script({ connection: "x", on: "put", explode: true })).status, 400);
});

test("what was received is told, without tokens", async () => {
  const { text } = await call("GET", "/local/requests", undefined, null);
  assert.ok(!text.includes(token));
  assert.match(text, /"authorization":"Bearer …"/);
});

test("faults: another gateway's operation, late connections, other states, statuses and places, answers that break off", async () => {
  const script = (faults: unknown) => call("POST", "/local/faults", faults, null);
  await script({ connection: "f4", on: "put", busySeconds: 30 });
  const busy = await call("PUT", at(20, "f4"), withLinks());
  assert.deepEqual([busy.status, busy.body.error.code], [409, "AnotherOperationInProgress"]);
  const [named = ""] = /https:\S+[^.]/.exec(busy.body.error.message) ?? [];
  const { pathname, search } = new URL(named);
  assert.deepEqual((await call("GET", pathname + search)).body, { status: "InProgress" });
  assert.equal((await call("PUT", at(20, "f4"), withLinks())).status, 409);
  clock.advanceTo(clock.now() + 30_000);
  assert.deepEqual((await call("GET", pathname + search)).body, { status: "Succeeded" });
  assert.equal((await call("PUT", at(20, "f4"), withLinks())).status, 201);

  await script({ connection: "f5", on: "put", operation: { lagSeconds: 10 } });
  const late = await call("PUT", at(21, "f5"), withLinks());
  clock.advanceTo(clock.now() + 6_000);
  assert.deepEqual((await call("GET", operationPath(late))).body, { status: "Succeeded" });
  assert.equal((await call("GET", at(21, "f5"))).body.properties.provisioningState, "Updating");
  clock.advanceTo(clock.now() + 10_000);
  assert.equal((await call("GET", at(21, "f5"))).body.properties.provisioningState, "Succeeded");

  await script({ connection: "f5", on: "get", shows: { links: "Failed" } });
  const { properties } = (await call("GET", at(21, "f5"))).body;
  assert.deepEqual([properties.provisioningState, properties.vpnLinkConnections[0].properties.provisioningState], ["Succeeded", "Failed"]);
  await script({ connection: "f5", on: "get", shows: { connection: "Deleting" } });
  assert.equal((await call("GET", at(21, "f5"))).body.properties.provisioningState, "Deleting");

  await script({ connection: "f6", on: "put", status: 202, headers: { "azure-asyncoperation": null, location: "{result}" } });
  const placed = await call("PUT", at(22, "f6"), withLinks());
  assert.deepEqual([placed.status, placed.headers["azure-asyncoperation"]], [202, undefined]);
  const location = new URL(String(placed.headers["location"]));
  assert.equal((await call("GET", location.pathname + location.search)).status, 202);
  clock.advanceTo(clock.now() + 6_000);
  assert.equal((await call("GET", location.pathname + location.search)).status, 204);

  await script({ connection: "f6", on: "get", reset: "during" });
  await assert.rejects(call("GET", at(22, "f6")), /aborted/);
  await script({ connection: "f6", on: "get", respond: { status: 307, headers: { location: "{endpoint}/elsewhere" } } });
  assert.equal((await call("GET", at(22, "f6"))).headers["location"], `${azure.resourceManagerUrl}/elsewhere`);
});

test("faults are for other resources too, by their names, and for one request, by its number", async () => {
  const script = (faults: unknown) => call("POST", "/local/faults", faults, null);
  const forbidden = { status: 403, body: { error: { code: "AuthorizationFailed", message: "no" } } };
  await script({ connection: "gateway30", on: "check", respond: forbidden });
  assert.equal((await call("GET", `${base}/vpnGateways/gateway31?api-version=2024-03-01`)).status, 200);
  assert.equal((await call("GET", `${base}/vpnGateways/gateway30?api-version=2024-03-01`)).status, 403);

  const { body: seen } = (await call("GET", "/local/requests", undefined, null)) as { body: unknown[] };
  await script({ request: seen.length + 2, respond: forbidden });
  const statuses = [];
  for (let number = 1; number <= 3; number++) statuses.push((await call("GET", at(30))).status);
  assert.deepEqual(statuses, [404, 403, 404]);
  for (const wrong of [{ request: 0 }, { on: "put" }, { connection: "x", on: "sometimes" }])
    assert.equal((await script(wrong)).status, 400);
});

test("the world has NAT rules for both directions on every gateway, and BGP on the first link of every site", async () => {
  const read = async (path: string) => (await call("GET", `${base}/${path}?api-version=2024-03-01`)).body.properties;
  for (const gateway of ["gateway1", "gateway50"]) {
    assert.equal((await read(`vpnGateways/${gateway}/natRules/egressNat1`)).mode, "EgressSnat");
    assert.equal((await read(`vpnGateways/${gateway}/natRules/INGRESSNAT1`)).mode, "IngressSnat");
  }
  assert.equal(
    (await call("GET", `${base}/vpnGateways/gateway1/natRules/other?api-version=2024-03-01`)).body.error.code,
    "ResourceNotFound",
  );
  const { vpnSiteLinks } = await read("vpnSites/vpnSite7");
  assert.deepEqual(
    vpnSiteLinks.map(({ properties }: { properties: { bgpProperties?: object } }) => properties.bgpProperties),
    [{ asn: 65_010, bgpPeeringAddress: "192.168.1.1" }, undefined],
  );
});
