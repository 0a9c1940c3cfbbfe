import { quoteId } from "../quote.ts";
import { breachIf, docs, listPresent, type Path, properties, propertiesOf, type RequestData, type Rule } from "./rule.ts";

const routingDocs = `${docs}/virtual-wan/about-virtual-hub-routing`;
const at: Path = [...properties, "routingConfiguration"];

/** Route tables and route maps. */
export const routingRules: readonly Rule[] = [
  {
    code: "CustomAssociatedRouteTable",
    severity: "warning",
    says: "Branches use the hub's defaultRouteTable. With another one, Azure may end the operation with InvalidAssociatedRouteTable.",
    source: routingDocs,
    check: (data) => {
      const id = propertiesOf(data).routingConfiguration?.associatedRouteTable?.id;
      return breachIf(
        id !== undefined && !/\/defaultRouteTable$/i.test(id),
        [...at, "associatedRouteTable", "id"],
        `associatedRouteTable should be the hub's defaultRouteTable. With another one, Azure may end the operation with InvalidAssociatedRouteTable. Found ${quoteId(id)}.`,
      );
    },
  },
  {
    code: "AnotherHub",
    severity: "warning",
    says: "All route tables and route maps are in one virtual hub, the one of the gateway.",
    source: routingDocs,
    check: (data) => {
      const [first, ...others] = hubsOf(data);
      return others
        .filter(({ hub }) => hub !== first?.hub)
        .map(({ at, id }) => ({
          at,
          message: `All route tables and route maps should be in one virtual hub. Found ${quoteId(first?.id)} and ${quoteId(id)}.`,
        }));
    },
  },
];

/**
 * The references of a routing configuration, each with its hub. Without a hub the id is invalid
 * anyway.
 */
function hubsOf(data: RequestData): { at: Path; id: string; hub: string }[] {
  const { associatedRouteTable, propagatedRouteTables, inboundRouteMap, outboundRouteMap } = propertiesOf(data).routingConfiguration ?? {};
  const named = [
    { at: [...at, "associatedRouteTable"], item: associatedRouteTable },
    ...listPresent(propagatedRouteTables?.ids, [...at, "propagatedRouteTables", "ids"]),
    { at: [...at, "inboundRouteMap"], item: inboundRouteMap },
    { at: [...at, "outboundRouteMap"], item: outboundRouteMap },
  ];
  return named.flatMap(({ at: place, item }) => {
    const hub = /^(.*\/virtualHubs\/[^/]+)\//i.exec(item?.id ?? "")?.[1]?.toLowerCase();
    return hub === undefined || item?.id === undefined ? [] : [{ at: [...place, "id"], id: item.id, hub }];
  });
}
