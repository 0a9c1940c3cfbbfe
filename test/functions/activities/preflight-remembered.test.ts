import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallIds } from "../../../azure/call-ids.ts";
import type { ResourceManager } from "../../../azure/resource-manager.ts";
import { type PreflightMode, runPreflight } from "../../../functions/activities/preflight.ts";
import { rememberReads } from "../../../functions/activities/remembered-reads.ts";
import { keyFilterOf } from "../../../shared/secrets/key-filter.ts";

// Several requests, one after the other, with one memory.

const base = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
const gateway = `${base}/vpnGateways/g`;
const [site, table] = [`${base}/vpnSites/site`, `${base}/virtualHubs/hub/hubRouteTables/t`];
const link = (name: string) => `${site}/vpnSiteLinks/${name}`;
const settled = (properties: object = {}) => ({ properties: { provisioningState: "Succeeded", ...properties } });
const siteWith = (...names: string[]) => settled({ vpnSiteLinks: names.map((name) => ({ id: link(name) })) });

/** A world of resources, and a function that checks one request in it. */
function openWorld(mode: PreflightMode = "enforce") {
  const clock = { ms: Date.UTC(2026, 0, 1) };
  const world = new Map<string, object>([
    [gateway, settled({ virtualHub: { id: `${base}/virtualHubs/hub` } })],
    [site, siteWith("one")],
    [table, settled()],
  ]);
  const reads = rememberReads(() => new Date(clock.ms));
  const seen: { readonly id: string; readonly clientRequestId: string }[] = [];
  const resourceManager = {
    async getResource(id: string, { clientRequestId }: CallIds) {
      seen.push({ id, clientRequestId });
      const body = world.get(id) ?? { error: { code: "ResourceNotFound", message: "m" } };
      return { status: world.has(id) ? 200 : 404, headers: {}, text: JSON.stringify(body) };
    },
  } as unknown as ResourceManager;
  let count = 0;
  /** Checks a request for links of the site. Returns the findings, the reads, and the ledger. */
  async function check(...links: readonly { readonly name: string; readonly enableBgp?: boolean }[]) {
    const before = seen.length;
    const vpnLinkConnections = links.map(({ name, ...more }) => ({ name, properties: { vpnSiteLink: { id: link(name) }, ...more } }));
    const { findings, attempts } = await runPreflight(
      {
        target: { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "g", connectionName: "c" },
        mode: "apply",
        desired: {
          properties: { remoteVpnSite: { id: site }, vpnLinkConnections, routingConfiguration: { associatedRouteTable: { id: table } } },
        },
      },
      { instanceId: `vpn-${++count}`, attempt: 1, filter: keyFilterOf([]) },
      { resourceManager, reads, mode },
    );
    return {
      codes: findings.map(({ code, severity }) => `${severity} ${code}`),
      read: seen.slice(before).map(({ id }) => id),
      attempts,
    };
  }
  return { clock, world, seen, check };
}

test("a second request reads nothing again, until a minute has passed", async () => {
  const { clock, check } = openWorld();
  assert.deepEqual((await check({ name: "one" })).read, [gateway, site, table]);
  assert.deepEqual(await check({ name: "one" }), { codes: [], read: [], attempts: [] });
  clock.ms += 60_001;
  assert.deepEqual((await check({ name: "one" })).read, [gateway, site, table]);
});

test("a link that was added to a remembered site is found", async () => {
  const { world, check } = openWorld();
  await check({ name: "one" });
  world.set(site, siteWith("one", "two"));
  assert.deepEqual((await check({ name: "two" })).codes, []);
});

test("a site whose links were removed needs no link connections", async () => {
  const { world, check } = openWorld();
  await check({ name: "one" });
  world.set(site, siteWith());
  assert.deepEqual((await check()).codes, []);
});

test("an error that is still true is returned, and everything was read again", async () => {
  const { check } = openWorld();
  await check({ name: "one" });
  const { codes, read, attempts } = await check({ name: "three" });
  assert.deepEqual([codes, read], [["error SiteLinkMissing"], [gateway, site, table]]);
  assert.deepEqual(attempts, []);
});

test("a missing resource is read by each request", async () => {
  const { world, check } = openWorld();
  world.delete(site);
  for (let round = 0; round < 2; round++) assert.deepEqual((await check({ name: "one" })).codes, ["error SiteMissing"]);
  world.set(site, siteWith("one"));
  assert.deepEqual((await check({ name: "one" })).codes, []);
});

test("if nothing is found any more, what was remembered does not make the findings errors", async () => {
  const { world, check } = openWorld();
  world.delete(site);
  assert.deepEqual((await check({ name: "one" })).codes, ["error SiteMissing"]);
  world.clear();
  const { codes } = await check({ name: "one" });
  assert.deepEqual(codes, ["warning GatewayMissing", "warning SiteMissing", "warning RouteTableMissing"]);
});

test("with `warn`, an old error is not even a warning", async () => {
  const { world, check } = openWorld("warn");
  await check({ name: "one" });
  world.set(site, siteWith("one", "two"));
  assert.deepEqual((await check({ name: "two" })).codes, []);
});

test("the ledger says which warnings come from an earlier read, of what, how old, and under which id Azure logged it", async () => {
  const { clock, seen, world, check } = openWorld();
  world.set(gateway, settled({ virtualHub: { id: `${base}/virtualHubs/other` } }));
  const first = await check({ name: "one", enableBgp: true });
  assert.deepEqual([first.codes, first.attempts], [["warning BgpSettingsMissing", "warning NotInGatewaysHub"], []]);
  clock.ms += 12_345;
  const { codes, read, attempts } = await check({ name: "one", enableBgp: true });
  assert.deepEqual([codes, read], [first.codes, []]);
  const idOf = (id: string) => seen.find((made) => made.id === id)?.clientRequestId;
  const made = { action: "check", status: 200, code: null, retryAfterSeconds: null };
  assert.deepEqual(attempts, [
    { ...made, clientRequestId: idOf(gateway), remembered: { resourceId: gateway, ageSeconds: 12 } },
    { ...made, clientRequestId: idOf(site), remembered: { resourceId: site, ageSeconds: 12 } },
  ]);
});
