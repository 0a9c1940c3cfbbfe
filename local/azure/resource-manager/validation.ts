import { type ArmResponse, armError } from "./responses.ts";
import { findLinksOfSite } from "./world.ts";

interface Body {
  readonly properties?: {
    readonly remoteVpnSite?: { readonly id?: string };
    readonly vpnLinkConnections?: readonly {
      readonly name?: string;
      readonly properties?: { readonly vpnSiteLink?: { readonly id?: string } };
    }[];
    readonly [name: string]: unknown;
  };
}

/** Reads the body of a PUT. Returns an error response if the service refuses it at once. */
export function readPut(text: string, id: string): { body: Body } | { refusal: ArmResponse } {
  let body: Body;
  try {
    body = JSON.parse(text) as Body;
  } catch {
    return { refusal: armError(400, "InvalidRequestContent", "The request content was invalid and could not be deserialized.") };
  }
  const properties = body?.properties;
  if (typeof properties !== "object" || properties === null || typeof properties.remoteVpnSite?.id !== "string") {
    return { refusal: armError(400, "InvalidRequestFormat", "Cannot parse the request: properties.remoteVpnSite.id is required.") };
  }
  // Recorded: if a connection has links, it must not have properties that belong to a link.
  const deprecated = { ipsecPolicies: "IpsecPolicies", connectionBandwidth: "ConnectionBandwidth" };
  for (const [name, spelled] of Object.entries(deprecated)) {
    if (properties[name] !== undefined && (properties.vpnLinkConnections?.length ?? 0) > 0) {
      const message = `Update request for VpnConnection ${id} contains deprecated property ${spelled}. Please use corresponding VpnSiteLinkConnection property instead.`;
      return { refusal: armError(400, "VpnConnectionPropertyIsDeprecated", message) };
    }
  }
  return { body };
}

/**
 * Returns the error of an operation that fails after its PUT was accepted, or nothing. The service
 * finds these faults only while it works.
 */
export function findLateFault({ properties = {} }: Body): { code: string; message: string; details: [] } | undefined {
  const site = properties.remoteVpnSite?.id ?? "";
  const links = findLinksOfSite(site);
  const connected = properties.vpnLinkConnections ?? [];
  const linkIds = new Set((links ?? []).map((link) => `${site}/vpnSiteLinks/${link}`.toLowerCase()));
  const valid =
    links &&
    (links.length === 0 || connected.length > 0) &&
    connected.every((link) => linkIds.has(String(link.properties?.vpnSiteLink?.id).toLowerCase()));
  if (valid) return undefined;
  const message = `The vpnsite id '${site}' is invalid or the vpnsite does not exist or the vpnsite exists with links and no link connections are configured.`;
  return { code: "InvalidConnectedSiteId", message, details: [] };
}
