import { shown } from "../shown.ts";
import { broken, docs, type Path, present, properties, propertiesOf, type RequestData, type Rule } from "./rule.ts";

const routingDocs = `${docs}/virtual-wan/about-virtual-hub-routing`;
const at: Path = [...properties, "routingConfiguration"];

/** Route tables and route maps. */
export const routingRules: readonly Rule[] = [
  {
    code: "CustomAssociatedRouteTable",
    severity: "warning",
    says: "Branches associate with the hub's defaultRouteTable; Azure may end the operation with InvalidAssociatedRouteTable.",
    source: routingDocs,
    check: (data) => {
      const id = propertiesOf(data).routingConfiguration?.associatedRouteTable?.id;
      return broken(
        id !== undefined && !/\/defaultRouteTable$/i.test(id),
        [...at, "associatedRouteTable", "id"],
        `Expected the hub's defaultRouteTable; found ${shown(id, 200)}. Azure may end the operation with InvalidAssociatedRouteTable.`,
      );
    },
  },
  {
    code: "AnotherHub",
    severity: "warning",
    says: "Route tables and route maps are of one hub, the gateway's.",
    source: routingDocs,
    check: (data) => {
      const [first, ...others] = hubsOf(data);
      return others
        .filter(({ hub }) => hub !== first?.hub)
        .map(({ at, id }) => ({ at, message: `Expected the same hub as ${shown(first?.id, 200)}; found ${shown(id, 200)}.` }));
    },
  },
];

/** What a routing configuration names, with the hub of each; what names no hub has another fault. */
function hubsOf(data: RequestData): { at: Path; id: string; hub: string }[] {
  const { associatedRouteTable, propagatedRouteTables, inboundRouteMap, outboundRouteMap } = propertiesOf(data).routingConfiguration ?? {};
  const named = [
    { at: [...at, "associatedRouteTable"], item: associatedRouteTable },
    ...present(propagatedRouteTables?.ids, [...at, "propagatedRouteTables", "ids"]),
    { at: [...at, "inboundRouteMap"], item: inboundRouteMap },
    { at: [...at, "outboundRouteMap"], item: outboundRouteMap },
  ];
  return named.flatMap(({ at: place, item }) => {
    const hub = /^(.*\/virtualHubs\/[^/]+)\//i.exec(item?.id ?? "")?.[1]?.toLowerCase();
    return hub === undefined || item?.id === undefined ? [] : [{ at: [...place, "id"], id: item.id, hub }];
  });
}
