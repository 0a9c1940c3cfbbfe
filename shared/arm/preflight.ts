import type { VpnConnection } from "../contract/connection.ts";
import { type Finding, jsonPointer } from "../contract/finding.ts";
import type { ValidRequest } from "../contract/validate.ts";
import { field } from "../json/field.ts";
import { gatewayId } from "../resource-id.ts";
import { preflightRules } from "./preflight-rules.ts";
import { describeGroup, describeResource, lastName } from "./resource-words.ts";

/** The part of a resource that the checks need. */
export type Resource = Readonly<Record<string, unknown>>;
/** The result of reading a resource. `unread`: the read failed. */
export type Reading = Resource | "missing" | "unread";
/** A finding, and the id of the resource whose reading led to it. */
export interface AzureFinding {
  readonly finding: Finding;
  readonly resourceId: string;
}

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
  /** Returns findings if the resource exists. */
  readonly judge?: (resource: Resource) => readonly Finding[];
  /** The id of the resource that `judge` needs, if it is another one. */
  readonly judged?: string;
}

/**
 * Returns the part of a resource that the checks need. All else is left out: a gateway contains its
 * NAT rules and all its connections.
 */
export function checkedPartOf(resource: object): Resource {
  const own = field(resource, "properties");
  return {
    properties: {
      provisioningState: field(own, "provisioningState"),
      virtualHub: { id: field(field(own, "virtualHub"), "id") },
      mode: field(own, "mode"),
      vpnSiteLinks: listOf(field(own, "vpnSiteLinks")).map((link) => {
        const bgp = field(field(link, "properties"), "bgpProperties");
        const bgpProperties = { asn: field(bgp, "asn"), bgpPeeringAddress: field(bgp, "bgpPeeringAddress") };
        return { id: field(link, "id"), properties: { bgpProperties } };
      }),
    },
  };
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
    ...routingChecks(desired, gateway),
    ...natChecks(desired),
  ];
  const ids = [...new Map(checks.map(({ id }) => [id.toLowerCase(), id])).values()];
  return {
    /** At most `MOST_READS`, so that one request does not use up the reads of all others. */
    ids: ids.slice(0, MOST_READS),
    findingsOf: (readings: ReadonlyMap<string, Reading>): AzureFinding[] =>
      checks.flatMap((check) => {
        const { id, judge, judged = id } = check;
        const failure = failureOf(check, readings.get(id.toLowerCase()));
        if (failure) return [{ finding: failure, resourceId: id }];
        const reading = readings.get(judged.toLowerCase());
        const findings = typeof reading === "object" ? (judge?.(reading) ?? []) : [];
        return findings.map((finding) => ({ finding, resourceId: judged }));
      }),
  };
}

/** Returns the finding about a resource that is missing or was not read. */
function failureOf({ id, at, missing }: Check, reading: Reading | undefined): Finding | undefined {
  const name = describeResource(id);
  if (reading === undefined)
    return finding("NotChecked", at, `${name} was not checked: only the first ${MOST_READS} references of a request are.`);
  if (reading === "missing") return finding(missing, at, `${name} does not exist${describeGroup(id)}.`);
  if (reading !== "unread") return undefined;
  const reason = "Azure sent no response, or the app has no right to read it.";
  return finding("NotChecked", at, `${name} could not be read${describeGroup(id)}, so it was not checked. ${reason}`);
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
            `${describeResource(remoteVpnSite.id)} has ${links.length} ${links.length === 1 ? "link" : "links"}. Add a link connection to vpnLinkConnections.`,
          ),
        ];
      return vpnLinkConnections.flatMap(({ properties: own }, index) => {
        const id = own?.vpnSiteLink?.id;
        if (id === undefined) return [];
        const at = [...properties, "vpnLinkConnections", index, "properties"];
        const link = links.find((known) => String(field(known, "id")).toLowerCase() === id.toLowerCase());
        if (!link)
          return [
            finding("SiteLinkMissing", [...at, "vpnSiteLink", "id"], `${describeResource(remoteVpnSite.id)} has no link ${lastName(id)}.`),
          ];
        const bgp = field(field(link, "properties"), "bgpProperties");
        const complete = field(bgp, "asn") !== undefined && field(bgp, "bgpPeeringAddress") !== undefined;
        return own?.enableBgp === true && !complete
          ? [
              finding(
                "BgpSettingsMissing",
                [...at, "enableBgp"],
                "enableBgp is true, but the site's link has no BGP settings. Set its ASN and peering address in Azure.",
              ),
            ]
          : [];
      });
    },
  };
}

function routingChecks({ properties: { routingConfiguration: routing } }: VpnConnection, gateway: string): Check[] {
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
    const judge = (read: Resource) => {
      const hub = field(field(field(read, "properties"), "virtualHub"), "id");
      if (typeof hub !== "string" || id.toLowerCase().startsWith(`${hub.toLowerCase()}/`)) return [];
      return [
        finding("NotInGatewaysHub", [...place, "id"], `${describeResource(id)} is not in the gateway's virtual hub, ${lastName(hub)}.`),
      ];
    };
    return [{ id, at: [...place, "id"], missing, judge, judged: gateway }];
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
            : [finding("NatRuleMode", at, `${direction} takes NAT rules of mode ${expected}. ${describeResource(id)} has mode ${mode}.`)];
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
