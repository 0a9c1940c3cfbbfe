import type * as z from "zod";
import type { Finding } from "../finding.ts";
import type { requestDataSchema } from "../request.ts";

/** A request whose structure is right where it has one: what is missing or of a wrong type is undefined, so that the rules can still judge the rest. */
export type RequestData = WellFormed<z.infer<typeof requestDataSchema>>;
type WellFormed<T> = T extends readonly (infer Item)[]
  ? readonly (WellFormed<Item> | undefined)[]
  : T extends object
    ? { readonly [Name in keyof T]?: WellFormed<T[Name]> | undefined }
    : T;

/** The properties of the connection. */
export type Properties = NonNullable<NonNullable<RequestData["connection"]>["properties"]>;
/** A link connection. */
export type Link = NonNullable<NonNullable<Properties["vpnLinkConnections"]>[number]>;
/** One IPsec policy. */
export type IpsecPolicy = NonNullable<NonNullable<Properties["ipsecPolicies"]>[number]>;
/** A place in a request. */
export type Path = readonly PropertyKey[];

/** One place that breaks a rule, and what is allowed and was found there. */
export interface Breach {
  readonly at: Path;
  readonly message: string;
}

/** One relation that the structure cannot say. An error is what the service or its documentation is known to refuse; every inference is a warning. */
export interface Rule {
  readonly code: string;
  readonly severity: Finding["severity"];
  /** The rule in one sentence. */
  readonly says: string;
  /** Where it stands. */
  readonly source: string;
  /** Finds every place that breaks the rule. */
  readonly check: (data: RequestData) => readonly Breach[];
}

/** The documentation of Azure, where most rules have their source. */
export const docs = "https://learn.microsoft.com/en-us/azure";
/** The provider of HashiCorp, which other rules are taken from: what it refuses has been found out with the service. */
export const terraform = "https://github.com/hashicorp/terraform-provider-azurerm/blob/main/internal/services/network";
/** The reference of the resource. */
export const reference =
  "https://learn.microsoft.com/en-us/rest/api/virtualwan/vpn-connections/create-or-update?view=rest-virtualwan-2024-03-01";

/** Where the properties of the connection stand. */
export const properties: Path = ["connection", "properties"];

/** The properties of the connection; empty where there are none. */
export function propertiesOf({ connection }: RequestData): Properties {
  return connection?.properties ?? {};
}

/** The link connections of a request, each with its place. */
export function linksOf(data: RequestData): { at: Path; link: Link }[] {
  return present(propertiesOf(data).vpnLinkConnections, [...properties, "vpnLinkConnections"]).map(({ at, item }) => ({ at, link: item }));
}

/** The connection and its link connections alike: what both have, each with its place. */
export function tunnelsOf(data: RequestData): { at: Path; tunnel: Properties | NonNullable<Link["properties"]> }[] {
  return [
    { at: properties, tunnel: propertiesOf(data) },
    ...linksOf(data).map(({ at, link }) => ({ at: [...at, "properties"], tunnel: link.properties ?? {} })),
  ];
}

/** The items of a list that are there, each with its place. */
export function present<Item>(list: readonly (Item | undefined)[] | undefined, at: Path): { at: Path; item: Item }[] {
  return (list ?? []).flatMap((item, index) => (item === undefined ? [] : [{ at: [...at, index], item }]));
}

/** One place that breaks a rule, or none. */
export function broken(isBroken: boolean, at: Path, message: string): Breach[] {
  return isBroken ? [{ at, message }] : [];
}

/** The items that an earlier one equals, by a key; an item without a key equals none. */
export function repeated<Item>(items: readonly Item[], keyOf: (item: Item) => string | undefined): Item[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = keyOf(item)?.toLowerCase();
    if (key === undefined) return false;
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}
