import type { VpnConnection } from "../contract/connection.ts";
import { type Finding, jsonPointer } from "../contract/finding.ts";
import type { ValidRequest } from "../contract/validate.ts";
import { field } from "../json/field.ts";
import { gatewayId } from "../resource-id.ts";

/** A resource as Azure returns it. */
export type Resource = Readonly<Record<string, unknown>>;
/** The result of reading a resource. `unread`: the read failed. */
export type Reading = Resource | "missing" | "unread";

/** Rules about resources that a request names. Errors are only what Azure is known to refuse. */
export const preflightRules = {
  GatewayMissing: {
    severity: "error",
    says: "The gateway exists.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/virtual-wan-site-to-site-portal",
  },
  SiteMissing: {
    severity: "error",
    says: "The site exists.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/virtual-wan-site-to-site-portal#site",
  },
  SiteLinkMissing: {
    severity: "error",
    says: "The site has the link.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/virtual-wan-site-to-site-portal#site",
  },
  LinkConnectionRequired: {
    severity: "error",
    says: "A site that has links is connected by link connections; Azure ends the operation with InvalidConnectedSiteId otherwise.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/virtual-wan-site-to-site-portal#site",
  },
  RouteTableMissing: {
    severity: "error",
    says: "The route table exists.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/about-virtual-hub-routing",
  },
  RouteMapMissing: {
    severity: "error",
    says: "The route map exists.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/route-maps-about",
  },
  NotInGatewaysHub: {
    severity: "warning",
    says: "Route tables and route maps are of the gateway's hub.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/about-virtual-hub-routing",
  },
  NatRuleMissing: {
    severity: "error",
    says: "The NAT rule exists before the connection does.",
    source: "https://github.com/Azure/bicep-registry-modules/issues/4509",
  },
  NatRuleMode: {
    severity: "warning",
    says: "Egress rules have the mode EgressSnat, ingress rules IngressSnat.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/nat-rules-vpn-gateway",
  },
  BgpSettingsMissing: {
    severity: "warning",
    says: "A link with BGP has an ASN and a peering address on the site.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/virtual-wan-site-to-site-portal#site",
  },
  NotChecked: {
    severity: "warning",
    says: "What the request names could not be read, so it was not checked.",
    source: "https://learn.microsoft.com/en-us/azure/virtual-wan/roles-permissions",
  },
} as const satisfies Record<string, { severity: Finding["severity"]; says: string; source: string }>;

// Resource Manager allows an identity this many reads at once:
// https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/request-limits-and-throttling
const MOST_READS = 250;

type Code = keyof typeof preflightRules;
type Path = readonly PropertyKey[];
const properties: Path = ["connection", "properties"];

interface Check {
  readonly id: string;
  readonly at: Path;
  readonly missing: Code;
  /** Returns findings about the resource if it exists. */
  readonly judge?: (resource: Resource, gateway: Reading | undefined) => readonly Finding[];
}

/**
 * Returns the ids of all resources that a request names, and a function that turns their readings
 * (id in lower case → reading) into findings.
 */
export function checksOf({ target, desired }: Pick<ValidRequest, "target" | "desired">) {
  const gateway = gatewayId(target);
  const checks: readonly Check[] = [
    { id: gateway, at: ["target", "gatewayName"], missing: "GatewayMissing" },
    siteCheck(desired),
    ...routingChecks(desired),
    ...natChecks(desired),
  ];
  const ids = [...new Map(checks.map(({ id }) => [id.toLowerCase(), id])).values()];
  return {
    /** At most `MOST_READS`, so that one request does not use up the reads of all others. */
    ids: ids.slice(0, MOST_READS),
    findingsOf: (readings: ReadonlyMap<string, Reading>): Finding[] =>
      checks.flatMap(({ id, at, missing, judge }) => {
        const reading = readings.get(id.toLowerCase());
        if (reading === "missing") return [finding(missing, at, `Expected ${id} in Azure; found nothing.`)];
        if (reading === undefined)
          return [finding("NotChecked", at, `Expected ${MOST_READS} references at most to be looked up; ${id} is beyond them.`)];
        if (reading === "unread") return [finding("NotChecked", at, `Expected to read ${id}; found no answer, or no right to it.`)];
        return judge?.(reading, readings.get(gateway.toLowerCase())) ?? [];
      }),
  };
}

function siteCheck({ properties: { remoteVpnSite, vpnLinkConnections = [] } }: VpnConnection): Check {
  return {
    id: remoteVpnSite.id,
    at: [...properties, "remoteVpnSite", "id"],
    missing: "SiteMissing",
    judge(site) {
      const links = listOf(field(field(site, "properties"), "vpnSiteLinks"));
      if (links.length > 0 && vpnLinkConnections.length === 0)
        return [
          finding(
            "LinkConnectionRequired",
            [...properties, "vpnLinkConnections"],
            `Expected a connection for at least one of the site's ${links.length} links; found none.`,
          ),
        ];
      return vpnLinkConnections.flatMap(({ properties: own }, index) => {
        const id = own?.vpnSiteLink?.id;
        if (id === undefined) return [];
        const at = [...properties, "vpnLinkConnections", index, "properties"];
        const link = links.find((known) => String(field(known, "id")).toLowerCase() === id.toLowerCase());
        if (!link)
          return [
            finding("SiteLinkMissing", [...at, "vpnSiteLink", "id"], `Expected a link of the site; found ${id}, which it does not have.`),
          ];
        const bgp = field(field(link, "properties"), "bgpProperties");
        const complete = field(bgp, "asn") !== undefined && field(bgp, "bgpPeeringAddress") !== undefined;
        return own?.enableBgp === true && !complete
          ? [finding("BgpSettingsMissing", [...at, "enableBgp"], "Expected BGP settings on the site's link; found none.")]
          : [];
      });
    },
  };
}

function routingChecks({ properties: { routingConfiguration: routing } }: VpnConnection): Check[] {
  const at = [...properties, "routingConfiguration"];
  const named: readonly (readonly [Path, { id: string } | undefined, Code])[] = [
    [[...at, "associatedRouteTable"], routing?.associatedRouteTable, "RouteTableMissing"],
    ...(routing?.propagatedRouteTables?.ids ?? []).map(
      (table, index) => [[...at, "propagatedRouteTables", "ids", index], table, "RouteTableMissing"] as const,
    ),
    [[...at, "inboundRouteMap"], routing?.inboundRouteMap, "RouteMapMissing"],
    [[...at, "outboundRouteMap"], routing?.outboundRouteMap, "RouteMapMissing"],
  ];
  return named.flatMap(([place, reference, missing]): Check[] => {
    if (!reference) return [];
    const { id } = reference;
    const judge: Check["judge"] = (_, gateway) => {
      const hub = field(field(field(gateway, "properties"), "virtualHub"), "id");
      if (typeof hub !== "string" || id.toLowerCase().startsWith(`${hub.toLowerCase()}/`)) return [];
      return [finding("NotInGatewaysHub", [...place, "id"], `Expected the gateway's hub, ${hub}; found ${id}.`)];
    };
    return [{ id, at: [...place, "id"], missing, judge }];
  });
}

function natChecks({ properties: { vpnLinkConnections = [] } }: VpnConnection): Check[] {
  return vpnLinkConnections.flatMap(({ properties: own }, index) =>
    (["egressNatRules", "ingressNatRules"] as const).flatMap((direction) =>
      (own?.[direction] ?? []).map(({ id }, place): Check => {
        const at = [...properties, "vpnLinkConnections", index, "properties", direction, place, "id"];
        const expected = direction === "egressNatRules" ? "EgressSnat" : "IngressSnat";
        const judge = (rule: Resource) => {
          const mode = field(field(rule, "properties"), "mode");
          return mode === undefined || mode === expected
            ? []
            : [finding("NatRuleMode", at, `Expected a rule of mode ${expected}; found ${mode}.`)];
        };
        return { id, at, missing: "NatRuleMissing", judge };
      }),
    ),
  );
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function finding(code: Code, at: Path, message: string): Finding {
  const { severity, source } = preflightRules[code];
  return { code, severity, target: jsonPointer(at), message, source, actor: code === "NotChecked" ? "operator" : "requester" };
}
