import { gatewayId } from "../../resource-id.ts";
import { fieldName } from "../field-name.ts";
import { quoteId } from "../quote.ts";
import { docs, findRepeated, linksOf, listPresent, type RequestData, type Rule } from "./rule.ts";

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
      return listReferences(data)
        .filter(({ id }) => !id.toLowerCase().startsWith(`${gateway}/natrules/`))
        .map(({ at, id }) => ({
          at,
          message: `${fieldName(at)} should be a NAT rule of gateway ${gatewayName}. Found ${quoteId(id)}.`,
        }));
    },
  },
  {
    code: "DuplicateNatRule",
    severity: "warning",
    says: "A link names each NAT rule once, either as an egress rule or as an ingress rule.",
    source: natDocs,
    check: (data) =>
      [...Map.groupBy(listReferences(data), ({ link }) => link).values()].flatMap((ofLink) =>
        findRepeated(ofLink, ({ id }) => id).map(({ at, id }) => ({
          at,
          message: `The NAT rule ${quoteId(id)} is named twice. Name it once, as an egress rule or as an ingress rule.`,
        })),
      ),
  },
];

function listReferences(data: RequestData) {
  return linksOf(data).flatMap(({ at, link }) =>
    (["egressNatRules", "ingressNatRules"] as const).flatMap((direction) =>
      listPresent(link.properties?.[direction], [...at, "properties", direction]).flatMap(({ at: place, item }) =>
        item.id === undefined ? [] : [{ at: [...place, "id"], id: item.id, link: at.at(-1) }],
      ),
    ),
  );
}
