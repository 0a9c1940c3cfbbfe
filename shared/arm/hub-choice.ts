import { field } from "../json/field.ts";

/**
 * What the hub sets for routing that a request leaves out (recorded). `none` is where a hub with
 * routing intent moves all connections:
 * https://learn.microsoft.com/en-us/azure/virtual-wan/how-to-routing-policies
 */
type HubTable = "default" | "none";

/** Returns true if the value is the one that a hub without routing intent sets. */
export function isHubDefault(name: string, value: unknown): boolean {
  if (name === "associatedRouteTable") return isTable(value, "default");
  return name === "propagatedRouteTables" && propagatesTo(value, "default");
}

/** Returns true if the hub itself may have set the value, with or without routing intent. */
export function isHubChoice(name: string, value: unknown): boolean {
  return isHubDefault(name, value) || (name === "propagatedRouteTables" && propagatesTo(value, "none"));
}

/**
 * Returns the default of a property of the routing configuration, in the hub of the route tables
 * that Azure shows now. Returns undefined if the hub has no default for it.
 */
export function hubDefaultOf(name: string, before: unknown): unknown {
  const [table] = [before, ...listOf(field(before, "ids"))].flatMap((reference) => {
    const hub = /^.*\/virtualHubs\/[^/]+\/hubRouteTables\//i.exec(String(field(reference, "id")))?.[0];
    return hub === undefined ? [] : [{ id: `${hub}defaultRouteTable` }];
  });
  if (name === "associatedRouteTable") return table;
  if (name !== "propagatedRouteTables") return undefined;
  return { labels: ["default"], ...(table ? { ids: [table] } : {}) };
}

function propagatesTo(tables: unknown, hubTable: HubTable): boolean {
  const labels = listOf(field(tables, "labels"));
  const ids = listOf(field(tables, "ids"));
  const isRight = labels.every((label) => String(label).toLowerCase() === hubTable) && ids.every((id) => isTable(id, hubTable));
  return isRight && (hubTable === "none" ? labels.length + ids.length > 0 : labels.length > 0 && ids.length > 0);
}

function isTable(reference: unknown, hubTable: HubTable): boolean {
  return String(field(reference, "id")).toLowerCase().endsWith(`/hubroutetables/${hubTable}routetable`);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
