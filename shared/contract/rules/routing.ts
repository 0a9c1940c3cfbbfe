import { broken, docs, properties, type Rule } from "./rule.ts";

const routingDocs = `${docs}/virtual-wan/about-virtual-hub-routing`;

/** Route tables and route maps. */
export const routingRules: readonly Rule[] = [
  {
    code: "CustomAssociatedRouteTable",
    severity: "warning",
    source: routingDocs,
    check: ({ connection }) => {
      const id = connection.properties.routingConfiguration?.associatedRouteTable?.id;
      const message = "Branches associate with the hub's defaultRouteTable; Azure may end the operation with InvalidAssociatedRouteTable.";
      return broken(
        id !== undefined && !/\/defaultRouteTable$/i.test(id),
        [...properties, "routingConfiguration", "associatedRouteTable", "id"],
        message,
      );
    },
  },
  {
    code: "AnotherHub",
    severity: "warning",
    source: routingDocs,
    check: ({ connection }) => {
      const { associatedRouteTable, inboundRouteMap, outboundRouteMap } = connection.properties.routingConfiguration ?? {};
      const hub = hubOf(associatedRouteTable?.id);
      return Object.entries({ inboundRouteMap, outboundRouteMap })
        .filter(([, map]) => hub !== undefined && map !== undefined && hubOf(map.id) !== hub)
        .map(([name]) => ({
          at: [...properties, "routingConfiguration", name, "id"],
          message: "This route map is of another hub than the associated route table.",
        }));
    },
  },
];

function hubOf(id: string | undefined): string | undefined {
  return /^(.*\/virtualHubs\/[^/]+)\//i.exec(id ?? "")?.[1]?.toLowerCase();
}
