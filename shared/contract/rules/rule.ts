import type * as z from "zod";
import type { Finding } from "../finding.ts";
import type { requestDataSchema } from "../request.ts";

/**
 * A request without its invalid fields: they are undefined, so that the rules can still judge the
 * rest.
 */
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
/** The path of a field in a request's data. */
export type Path = readonly PropertyKey[];

/** One place that breaks a rule, and what is wrong there. */
export interface Breach {
  readonly at: Path;
  readonly message: string;
}

/**
 * A rule that a schema cannot express. It is an error if the service or its documentation is known
 * to refuse what breaks it. If that is only likely, it is a warning.
 */
export interface Rule {
  readonly code: string;
  readonly severity: Finding["severity"];
  /** The rule in one sentence. */
  readonly says: string;
  /** The page that has the rule. */
  readonly source: string;
  /** Finds every place that breaks the rule. */
  readonly check: (data: RequestData) => readonly Breach[];
}

/** The documentation of Azure, where most rules have their source. */
export const docs = "https://learn.microsoft.com/en-us/azure";
/** HashiCorp's provider. It refuses what its users found the service to refuse. */
export const terraform = "https://github.com/hashicorp/terraform-provider-azurerm/blob/main/internal/services/network";
/** The reference of the resource. */
export const reference =
  "https://learn.microsoft.com/en-us/rest/api/virtualwan/vpn-connections/create-or-update?view=rest-virtualwan-2024-03-01";

/** The path of the connection's properties. */
export const properties: Path = ["connection", "properties"];

/** Returns the properties of the connection. Empty if there are none. */
export function propertiesOf({ connection }: RequestData): Properties {
  return connection?.properties ?? {};
}

/** Returns the link connections of a request, each with its path. */
export function linksOf(data: RequestData): { at: Path; link: Link }[] {
  return listPresent(propertiesOf(data).vpnLinkConnections, [...properties, "vpnLinkConnections"]).map(({ at, item }) => ({
    at,
    link: item,
  }));
}

/**
 * Returns the properties that the connection and its link connections have in common, each with its
 * path.
 */
export function tunnelsOf(data: RequestData): { at: Path; tunnel: Properties | NonNullable<Link["properties"]> }[] {
  return [
    { at: properties, tunnel: propertiesOf(data) },
    ...linksOf(data).map(({ at, link }) => ({ at: [...at, "properties"], tunnel: link.properties ?? {} })),
  ];
}

/** Returns the valid items of a list, each with its path. */
export function listPresent<Item>(list: readonly (Item | undefined)[] | undefined, at: Path): { at: Path; item: Item }[] {
  return (list ?? []).flatMap((item, index) => (item === undefined ? [] : [{ at: [...at, index], item }]));
}

/** Returns one place that breaks a rule, or none. */
export function breachIf(isBroken: boolean, at: Path, message: string): Breach[] {
  return isBroken ? [{ at, message }] : [];
}

/** Returns the items that have the same key as an earlier one. Letter case does not matter. */
export function findRepeated<Item>(items: readonly Item[], keyOf: (item: Item) => string | undefined): Item[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = keyOf(item)?.toLowerCase();
    if (key === undefined) return false;
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}
