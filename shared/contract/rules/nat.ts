import { gatewayId } from "../../resource-id.ts";
import { shown } from "../shown.ts";
import { docs, linksOf, present, type RequestData, type Rule, repeated } from "./rule.ts";

const natDocs = `${docs}/virtual-wan/nat-rules-vpn-gateway`;

/** NAT rules of a link. */
export const natRules: readonly Rule[] = [
  {
    code: "NatRuleOfAnotherGateway",
    severity: "warning",
    says: "NAT rules belong to the gateway of the connection.",
    source: natDocs,
    check: (data) => {
      const { subscriptionId, resourceGroupName, gatewayName } = data.target ?? {};
      if (!subscriptionId || !resourceGroupName || !gatewayName) return [];
      const gateway = gatewayId({ subscriptionId, resourceGroupName, gatewayName, connectionName: "" }).toLowerCase();
      return references(data)
        .filter(({ id }) => !id.toLowerCase().startsWith(`${gateway}/natrules/`))
        .map(({ at, id }) => ({ at, message: `Expected a NAT rule of the gateway ${gatewayName}; found ${shown(id, 200)}.` }));
    },
  },
  {
    code: "DuplicateNatRule",
    severity: "warning",
    says: "A NAT rule is named once on a link: it is either an egress or an ingress rule.",
    source: natDocs,
    check: (data) =>
      [...Map.groupBy(references(data), ({ link }) => link).values()].flatMap((ofLink) =>
        repeated(ofLink, ({ id }) => id).map(({ at, id }) => ({
          at,
          message: `Expected each NAT rule once on a link; found ${shown(id, 200)} again.`,
        })),
      ),
  },
];

function references(data: RequestData) {
  return linksOf(data).flatMap(({ at, link }) =>
    (["egressNatRules", "ingressNatRules"] as const).flatMap((direction) =>
      present(link.properties?.[direction], [...at, "properties", direction]).flatMap(({ at: place, item }) =>
        item.id === undefined ? [] : [{ at: [...place, "id"], id: item.id, link: at.at(-1) }],
      ),
    ),
  );
}
