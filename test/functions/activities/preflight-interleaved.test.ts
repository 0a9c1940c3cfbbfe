import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { CallIds } from "../../../azure/call-ids.ts";
import type { ResourceManager } from "../../../azure/resource-manager.ts";
import { runPreflight } from "../../../functions/activities/preflight.ts";
import { rememberReads } from "../../../functions/activities/remembered-reads.ts";
import type { ArmResponse } from "../../../shared/arm/response.ts";
import { keyFilterOf } from "../../../shared/secrets/key-filter.ts";

// Requests, reads and changes of sites in any order, on a clock of the test. What is judged is what
// can be seen: the findings, and what Azure had at which time.

const base = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
const gateway = `${base}/vpnGateways/g`;
const sites = ["a", "b"].map((name) => `${base}/vpnSites/${name}`);
const table = `${base}/virtualHubs/hub/hubRouteTables/t`;
const linkNames = ["one", "two"];

/** What Azure has from a moment on. No links: the site is being changed. Null: it is deleted. */
interface Version {
  readonly from: number;
  readonly links: readonly string[] | null;
  readonly state: "Succeeded" | "Updating";
}

type Command =
  | { readonly do: "request"; readonly site: number; readonly link: number }
  | { readonly do: "answer"; readonly which: number; readonly late: boolean; readonly fails: boolean }
  | { readonly do: "change"; readonly site: number; readonly links: readonly string[] | null; readonly state: Version["state"] }
  | { readonly do: "move" }
  | { readonly do: "wait"; readonly ms: number };

const index = fc.nat(1);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("request" as const), site: index, link: index }) },
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant("answer" as const), which: fc.nat(9), late: fc.boolean(), fails: fc.constant(false) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("answer" as const), which: fc.nat(9), late: fc.boolean(), fails: fc.constant(true) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("change" as const),
      site: index,
      links: fc.option(fc.subarray(linkNames)),
      state: fc.constantFrom("Succeeded" as const, "Updating" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("move" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 30_000 }) }) },
);

const turn = () => new Promise((resolve) => setImmediate(resolve));
const found = (properties: object): ArmResponse => ({ status: 200, headers: {}, text: JSON.stringify({ properties }) });
const missing: ArmResponse = { status: 404, headers: {}, text: JSON.stringify({ error: { code: "ResourceNotFound", message: "m" } }) };

/** Plays commands, lets all requests end, and returns what was wrong. */
async function play(commands: readonly Command[]): Promise<string[]> {
  let ms = 0;
  const history = new Map(sites.map((id): [string, Version[]] => [id, [{ from: 0, links: ["one"], state: "Succeeded" }]]));
  /** From when on the gateway was in which hub. */
  const hubs = [0];
  const open: { readonly end: (late: boolean, fails: boolean) => void }[] = [];
  const faults: string[] = [];
  const answerNow = (id: string): ArmResponse => {
    if (id === gateway) return found({ provisioningState: "Succeeded", virtualHub: { id: `${base}/virtualHubs/hub-${hubs.length - 1}` } });
    const version = history.get(id)?.at(-1);
    if (!version) return found({ provisioningState: "Succeeded" });
    if (version.links === null) return missing;
    return found({ provisioningState: version.state, vpnSiteLinks: version.links.map((name) => ({ id: `${id}/vpnSiteLinks/${name}` })) });
  };
  const resourceManager = {
    getResource(id: string, _: CallIds) {
      const early = answerNow(id);
      const { promise, resolve, reject } = Promise.withResolvers<ArmResponse>();
      // Azure looks at any moment between the call and the response.
      open.push({ end: (late, fails) => (fails ? reject(new Error("socket hang up")) : resolve(late ? answerNow(id) : early)) });
      return promise;
    },
  } as unknown as ResourceManager;
  const reads = rememberReads(() => new Date(ms));
  /** Returns true if a site had a property at some moment since then. */
  const wasOnce = (id: string, since: number, has: (version: Version) => boolean) => {
    const versions = history.get(id) ?? [];
    return versions.some((version, at) => has(version) && (versions[at + 1]?.from ?? Number.POSITIVE_INFINITY) >= since);
  };

  let count = 0;
  async function request(site: string, link: string): Promise<void> {
    const startedAt = ms;
    const instanceId = `vpn-${++count}`;
    const vpnLinkConnections = [{ name: "l", properties: { vpnSiteLink: { id: `${site}/vpnSiteLinks/${link}` } } }];
    const { findings, attempts } = await runPreflight(
      {
        target: { subscriptionId: "s", resourceGroupName: "rg", gatewayName: "g", connectionName: "c" },
        mode: "apply",
        desired: {
          properties: { remoteVpnSite: { id: site }, vpnLinkConnections, routingConfiguration: { associatedRouteTable: { id: table } } },
        },
      },
      { instanceId, attempt: 1, filter: keyFilterOf([]) },
      { resourceManager, reads, mode: "enforce" },
    );
    for (const { code, severity, message } of findings) {
      const isTrue =
        code === "SiteMissing"
          ? wasOnce(site, startedAt, ({ links }) => links === null)
          : code !== "SiteLinkMissing" || wasOnce(site, startedAt, ({ links }) => links !== null && !links.includes(link));
      if (severity === "error" && !isTrue) faults.push(`${instanceId} was refused: ${message} It did exist since ${startedAt}, now ${ms}.`);
      const hub = /hub-(\d+)\.$/.exec(message)?.[1];
      const leftAt = hubs[Number(hub) + 1];
      // Which hub the gateway had says when it was read: before the request, if it was remembered.
      if (hub !== undefined && leftAt !== undefined && startedAt - leftAt > 60_000)
        faults.push(`${instanceId} got a reading of the gateway that is older than 60 s.`);
      const isTold = attempts.some(({ remembered }) => remembered?.resourceId === gateway);
      if (hub !== undefined && leftAt !== undefined && leftAt < startedAt && !isTold)
        faults.push(`${instanceId} is not told that a warning comes from an earlier read.`);
    }
    for (const { remembered } of attempts)
      if (remembered && remembered.ageSeconds > 60) faults.push(`${instanceId} got a reading of ${remembered.ageSeconds} s.`);
  }

  const requests: Promise<void>[] = [];
  const finish = (which: number, late: boolean, fails: boolean) => open.splice(which % open.length, 1)[0]?.end(late, fails);
  for (const next of commands) {
    if (next.do === "request") requests.push(request(sites[next.site] ?? "", linkNames[next.link] ?? ""));
    else if (next.do === "answer") open.length > 0 && finish(next.which, next.late, next.fails);
    else if (next.do === "change") history.get(sites[next.site] ?? "")?.push({ from: ms, links: next.links, state: next.state });
    else if (next.do === "move") hubs.push(ms);
    else ms += next.ms;
    await turn();
  }
  while (open.length > 0) {
    finish(0, false, false);
    await turn();
  }
  await Promise.all(requests);
  return faults;
}

test("whatever is created, changed, deleted and created again between requests: no wrong refusal, and nothing older than 60 s", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 20, maxLength: 120 }), async (commands) => {
      assert.deepEqual(await play(commands), []);
    }),
    { numRuns: 400 },
  );
});
