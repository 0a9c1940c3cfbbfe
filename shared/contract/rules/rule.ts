import type { z } from "zod";
import type { Finding } from "../../finding.ts";
import type { VpnLinkConnection } from "../connection.ts";
import type { requestDataSchema } from "../request.ts";

/** A request whose structure is right. */
export type RequestData = z.infer<typeof requestDataSchema>;
/** One IPsec policy. */
export type IpsecPolicy = NonNullable<RequestData["connection"]["properties"]["ipsecPolicies"]>[number];
/** A place in it. */
export type Path = readonly PropertyKey[];

/** One relation that the structure cannot say. An error is what the service or its documentation is known to refuse; every inference is a warning. */
export interface Rule {
  readonly code: string;
  readonly severity: Finding["severity"];
  readonly source: string;
  /** Finds every place that breaks the rule. */
  readonly check: (data: RequestData) => readonly { readonly at: Path; readonly message: string }[];
}

/** The documentation of Azure, where most rules have their source. */
export const docs = "https://learn.microsoft.com/en-us/azure";

/** Where the properties of the connection stand. */
export const properties: Path = ["connection", "properties"];

/** The link connections of a request, each with its place. */
export function linksOf({ connection }: RequestData): { at: Path; link: VpnLinkConnection }[] {
  return (connection.properties.vpnLinkConnections ?? []).map((link, index) => ({
    at: [...properties, "vpnLinkConnections", index],
    link,
  }));
}

/** One place that breaks a rule, or none. */
export function broken(isBroken: boolean, at: Path, message: string) {
  return isBroken ? [{ at, message }] : [];
}
