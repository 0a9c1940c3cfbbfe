import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  assertAccepted,
  assertDeleting,
  assertError,
  assertMissing,
  assertPoll,
  assertProvisioned,
  type WireAnswer,
} from "./exchange-rules.ts";

/** A Resource Manager, and what stands in it: nobody else may use the connections named here. */
export interface ResourceManagerUnderTest {
  /** Without a path. */
  readonly endpoint: string;
  readonly apiVersion: string;
  /** Ids: a gateway, a site with at least one link, and that link. */
  readonly gateway: string;
  readonly site: string;
  readonly siteLink: string;
  /** Names of connections that are not there and may be. */
  readonly connections: readonly [string, string];
  /** Calls a path or a URL of the endpoint; with a token, unless `authorization` says otherwise. */
  call(method: string, url: string, body?: unknown, authorization?: string | null): Promise<WireAnswer>;
  /** Lets time pass, in seconds. */
  pass(seconds: number): Promise<void>;
}

/** Longest that one operation may take. */
const MOST_POLLS = 200;

/**
 * What any Resource Manager shows of vpnConnections, whoever asks; each test builds on the one
 * before.
 */
export function resourceManagerConformance(start: () => Promise<ResourceManagerUnderTest & { stop(): Promise<void> }>): void {
  describe("Resource Manager", () => {
    let arm: Awaited<ReturnType<typeof start>>;
    before(async () => {
      arm = await start();
    });
    after(async () => {
      await arm.stop();
    });

    const idOf = (name: string) => `${arm.gateway}/vpnConnections/${name}`;
    const at = (id: string) => `${id}?api-version=${arm.apiVersion}`;
    const connected = (more: object = {}) => ({
      properties: {
        remoteVpnSite: { id: arm.site },
        vpnLinkConnections: [{ name: "link1", properties: { vpnSiteLink: { id: arm.siteLink }, sharedKey: "never-shown-again" } }],
        ...more,
      },
    });
    /** Polls an operation as it asks to be polled, until it says that it is over. */
    async function end(accepted: WireAnswer): Promise<WireAnswer> {
      const url = String(accepted.headers["azure-asyncoperation"]);
      let wait = accepted.headers["retry-after"];
      for (let polls = 0; polls < MOST_POLLS; polls++) {
        await arm.pass(Number(wait ?? 10));
        const answer = await arm.call("GET", url);
        if (assertPoll(answer) !== "InProgress") return answer;
        wait = answer.headers["retry-after"];
      }
      throw new Error(`no end after ${MOST_POLLS} polls`);
    }
    let putEtag: unknown;

    test("a connection that is not there: 404 of the provider; a gateway that is not there: 404 of Resource Manager", async () => {
      assertMissing(await arm.call("GET", at(idOf(arm.connections[0]))));
      assertMissing(await arm.call("GET", at(`${arm.gateway}-none/vpnConnections/any`)), "ResourceNotFound");
    });

    test("without a token, or with one that is none: 401 and a challenge", async () => {
      for (const authorization of [null, "Bearer not.a.token"]) {
        const answer = await arm.call("GET", at(idOf(arm.connections[0])), undefined, authorization);
        assert.equal(answer.status, 401);
        assertError(answer.body.error);
        assert.match(String(answer.headers["www-authenticate"]), /^Bearer /);
      }
    });

    test("without an api-version, with a body that is no JSON, or with one that says nothing: 400", async () => {
      const id = idOf(arm.connections[0]);
      const unversioned = await arm.call("GET", id);
      assert.deepEqual([unversioned.status, unversioned.body.error.code], [400, "MissingApiVersionParameter"]);
      for (const body of ['{"properties":', { properties: {} }]) {
        const answer = await arm.call("PUT", at(id), body);
        assert.equal(answer.status, 400);
        assertError(answer.body.error);
      }
      assertMissing(await arm.call("GET", at(id)));
    });

    test("created: 201, Updating while the operation runs, then everything Succeeded", async () => {
      const id = idOf(arm.connections[0]);
      const put = await arm.call("PUT", at(id), connected());
      assertAccepted(put, false, arm.endpoint);
      putEtag = put.body.etag;
      const meanwhile = await arm.call("GET", at(id));
      assert.deepEqual([meanwhile.status, meanwhile.body.properties.provisioningState], [200, "Updating"]);
      const last = await end(put);
      assert.deepEqual([last.body.status, last.headers["retry-after"]], ["Succeeded", undefined]);
      assertProvisioned(await arm.call("GET", at(id)), id, putEtag);
    });

    test("ids are the same in any case", async () => {
      const id = idOf(arm.connections[0]);
      const read = await arm.call("GET", at(id.replace("/vpnGateways/", "/VPNGATEWAYS/").replace("/vpnConnections/", "/vpnconnections/")));
      assertProvisioned(read, id, putEtag);
    });

    test("updated: 200, asynchronous all the same, and what is left out goes back to its default", async () => {
      const id = idOf(arm.connections[0]);
      for (const more of [{ enableInternetSecurity: true }, {}]) {
        const put = await arm.call("PUT", at(id), connected(more));
        assertAccepted(put, true, arm.endpoint);
        assert.equal((await end(put)).body.status, "Succeeded");
        const read = await arm.call("GET", at(id));
        assertProvisioned(read, id, put.body.etag);
        assert.equal(read.body.properties.enableInternetSecurity, "enableInternetSecurity" in more);
      }
    });

    test("it stands in the list of its gateway", async () => {
      const { status, body } = await arm.call("GET", at(`${arm.gateway}/vpnConnections`));
      assert.equal(status, 200);
      assert.ok(body.value.some(({ id }: { id: string }) => id.toLowerCase() === idOf(arm.connections[0]).toLowerCase()));
    });

    test("what belongs to a link is refused on a connection that has links", async () => {
      const answer = await arm.call("PUT", at(idOf(arm.connections[0])), connected({ connectionBandwidth: 10 }));
      assert.deepEqual([answer.status, answer.body.error.code], [400, "VpnConnectionPropertyIsDeprecated"]);
    });

    test("a site with links and no link connections: taken, Failed later, and the connection stays Failed", async () => {
      const id = idOf(arm.connections[1]);
      const put = await arm.call("PUT", at(id), { properties: { remoteVpnSite: { id: arm.site } } });
      assertAccepted(put, false, arm.endpoint);
      const last = await end(put);
      assert.deepEqual([last.body.status, last.body.error.code], ["Failed", "InvalidConnectedSiteId"]);
      assert.equal((await arm.call("GET", at(id))).body.properties.provisioningState, "Failed");
    });

    test("an operation URL that was changed is worth nothing", async () => {
      const put = await arm.call("PUT", at(idOf(arm.connections[0])), connected());
      const url = String(put.headers["azure-asyncoperation"]);
      const changed = await arm.call("GET", url.replace(/operations\/[0-9a-f]/, "operations/z"));
      assert.ok(changed.status >= 400 && changed.status < 500);
      await end(put);
    });

    test("deleted: 202, then 404; deleting again: 204", async () => {
      for (const name of arm.connections) {
        const answer = await arm.call("DELETE", at(idOf(name)));
        assertDeleting(answer, arm.endpoint);
        assert.equal((await end(answer)).body.status, "Succeeded");
        assert.equal((await arm.call("GET", String(answer.headers["location"]))).status, 204);
        assertMissing(await arm.call("GET", at(idOf(name))));
        assert.equal((await arm.call("DELETE", at(idOf(name)))).status, 204);
      }
    });
  });
}
