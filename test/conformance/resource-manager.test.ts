import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { setDefaultCACertificates } from "node:tls";
import { DefaultAzureCredential } from "@azure/identity";
import { startAzure } from "../../local/azure/index.ts";
import { createManualClock } from "../../local/clock.ts";
import type { WireAnswer } from "./exchange-rules.ts";
import { type ResourceManagerUnderTest, resourceManagerConformance } from "./resource-manager.ts";

const apiVersion = "2024-03-01";

/** Calls over https as anybody would, with a token. */
function callerOf(endpoint: string, token: () => Promise<string>): ResourceManagerUnderTest["call"] {
  return async (method, url, body, authorization) => {
    const bearer = authorization === undefined ? `Bearer ${await token()}` : authorization;
    const response = await fetch(new URL(url, endpoint), {
      method,
      headers: { ...(bearer === null ? {} : { authorization: bearer }), "content-type": "application/json" },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: Object.fromEntries(response.headers), body: parsed(text) };
  };
}

function parsed(text: string): WireAnswer["body"] {
  return text === "" ? undefined : JSON.parse(text);
}

describe("the simulator", () => {
  resourceManagerConformance(async () => {
    const directory = mkdtempSync(join(tmpdir(), "azure-"));
    const clock = createManualClock(Date.UTC(2026, 0, 1));
    const azure = await startAzure({ port: 0, directory, clock });
    setDefaultCACertificates([readFileSync(azure.caFile, "utf8")]);
    const base = "/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network";
    const resource = encodeURIComponent(azure.resourceManagerUrl);
    const tokenUrl = `${azure.identity.endpoint}?api-version=2019-08-01&resource=${resource}`;
    const answer = await fetch(tokenUrl, { headers: { "x-identity-header": azure.identity.header } });
    const { access_token } = (await answer.json()) as { access_token: string };
    return {
      endpoint: azure.resourceManagerUrl,
      apiVersion,
      gateway: `${base}/vpnGateways/gateway1`,
      site: `${base}/vpnSites/vpnSite1`,
      siteLink: `${base}/vpnSites/vpnSite1/vpnSiteLinks/siteLink1`,
      connections: ["conformance1", "conformance2"],
      call: callerOf(azure.resourceManagerUrl, async () => access_token),
      pass: async (seconds) => clock.advanceTo(clock.now() + seconds * 1000),
      async stop() {
        await azure.close();
        rmSync(directory, { recursive: true });
      },
    };
  });
});

const { AZURE_E2E, AZURE_E2E_VPN_GATEWAY: gateway, AZURE_E2E_VPN_SITE_LINK: siteLink } = process.env;

describe("Azure", () => {
  if (AZURE_E2E !== "true" || !gateway || !siteLink) {
    const why =
      "Azure itself is asked where AZURE_E2E is true and AZURE_E2E_VPN_GATEWAY and AZURE_E2E_VPN_SITE_LINK are the ids of a gateway and of a link of one of its sites; whoever is signed in must have the rights.";
    test("conformance", { skip: why }, () => {});
    return;
  }
  resourceManagerConformance(async () => {
    const credential = new DefaultAzureCredential();
    const endpoint = "https://management.azure.com";
    const token = async () => (await credential.getToken(`${endpoint}/.default`)).token;
    return {
      endpoint,
      apiVersion,
      gateway,
      site: siteLink.split("/vpnSiteLinks/")[0] ?? "",
      siteLink,
      connections: ["conformance1", "conformance2"],
      call: callerOf(endpoint, token),
      pass: (seconds) => wait(seconds * 1000),
      stop: async () => {},
    };
  });
});
