import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { requester, requestFor, type SampleEvent, said } from "../support/requester.ts";
import { type SeenRequest, startTestStack } from "../support/running-stack.ts";

// Requests that name the same resources, on one host that remembers what it has read.

const base = "/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network";
/** Reads of what requests name: no connections and no operations. */
const isCheck = ({ method, url }: SeenRequest) => method === "GET" && !/\/(vpnConnections|operations|operationResults)\//.test(url);

/** The sample for a site by its number, and one of its links. */
function requestForSite(site: number, link: string, connectionName: string, more: object = {}): SampleEvent {
  const request = requestFor(1, connectionName, { ...more });
  const id = `${base}/vpnSites/vpnSite${site}`;
  Object.assign(request.data.connection.properties, { remoteVpnSite: { id } });
  for (const { properties } of request.data.connection.properties.vpnLinkConnections)
    Object.assign(properties, { vpnSiteLink: { id: `${id}/vpnSiteLinks/${link}` } });
  return request;
}

describe("reads that requests share", () => {
  test("40 requests for 40 sites on one gateway make at most 60 reads before they wait for the gateway", async (t) => {
    const stack = await startTestStack();
    t.after(() => stack.stop());
    const ask = requester(stack);
    const requests = Array.from({ length: 40 }, (_, index) => requestForSite(index + 1, "siteLink1", `shared${index + 1}`));
    await Promise.all(requests.map((request) => ask.send(request)));
    await Promise.all(requests.map((request) => ask.reaches(request, "validated", 60_000)));
    const checks = (await stack.seen()).filter(isCheck);
    t.diagnostic(`${checks.length} reads`);
    for (let site = 1; site <= 40; site++) assert.ok(checks.some(({ url }) => url.includes(`/vpnSites/vpnSite${site}?`)));
    assert.ok(checks.length <= 60, `${checks.length} reads`);
  });

  test("sites are created, deleted and created again between requests, and get links: no request is wrongly refused", async (t) => {
    const stack = await startTestStack({ speed: 10 });
    t.after(() => stack.stop());
    const ask = requester(stack);
    const siteWith = (site: number, links: readonly string[]) => {
      const id = `${base}/vpnSites/vpnSite${site}`;
      const vpnSiteLinks = links.map((name) => ({ id: `${id}/vpnSiteLinks/${name}`, name, properties: {} }));
      return { status: 200, body: { id, name: `vpnSite${site}`, properties: { provisioningState: "Succeeded", vpnSiteLinks } } };
    };
    const missing = { status: 404, body: { error: { code: "ResourceNotFound", message: "The site was not found." } } };
    /** What Azure shows for the sites from now on. */
    const set = async (responseOf: (site: number) => object) => {
      assert.equal((await stack.azure("DELETE", "/local/faults")).status, 204);
      const faults = sites.map((site) => ({ connection: `vpnSite${site}`, on: "check", times: "always", respond: responseOf(site) }));
      assert.equal((await stack.azure("POST", "/local/faults", faults)).status, 204);
    };
    let count = 0;
    const planned = async (site: number, link: string) => {
      const request = requestForSite(site, link, `recreated${++count}`, { mode: "plan" });
      await ask.send(request);
      return said(await ask.answerTo(request, 60_000)).join();
    };
    const everySite = (link: string) => Promise.all(sites.map((site) => planned(site, link)));
    const sites = [1, 2, 3, 4, 5];
    const allPlanned = sites.map(() => "Planned,");

    for (let round = 0; round < 2; round++) {
      await set((site) => siteWith(site, ["siteLink1"]));
      assert.deepEqual(await everySite("siteLink1"), allPlanned);
      await set((site) => siteWith(site, ["siteLink1", "siteLink2"]));
      assert.deepEqual(await everySite("siteLink2"), allPlanned, "a link that was added");
      await set(() => missing);
      // A site is deleted and created again while requests for a link that it never had wait.
      const before = (await stack.seen()).length;
      const rejected = Promise.all(sites.map((site) => planned(site, "siteLink3")));
      await eventually("each site was looked for", async () => {
        const seen = (await stack.seen()).slice(before);
        return sites.every((site) => seen.some(({ url, status }) => status === 404 && url.includes(`/vpnSites/vpnSite${site}?`)));
      });
      await set((site) => siteWith(site, ["siteLink2"]));
      assert.deepEqual(await everySite("siteLink2"), allPlanned, "a site that was created again");
      assert.deepEqual(
        await rejected,
        sites.map(() => "Rejected,InvalidRequest"),
      );
    }
  });
});
