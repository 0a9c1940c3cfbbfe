import { connectionId } from "../../resource-id.ts";
import { quoteId, quoteValue } from "../quote.ts";
import { breachIf, docs, type Rule, reference } from "./rule.ts";

/** Which connection is meant. */
export const targetRules: readonly Rule[] = [
  {
    code: "SubscriptionIdNotGuid",
    severity: "warning",
    says: "A subscription id is a GUID.",
    source: `${docs}/azure-portal/get-subscription-tenant-id`,
    check: ({ target }) => {
      const found = target?.subscriptionId;
      return breachIf(
        found !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(found),
        ["target", "subscriptionId"],
        `subscriptionId should be a GUID. Found ${quoteValue(found)}.`,
      );
    },
  },
  {
    code: "TargetMismatch",
    severity: "error",
    says: "If the connection has an `id` or a `name`, it is that of the target. Letter case does not matter.",
    source: reference,
    check: ({ target, connection }) => {
      const { subscriptionId, resourceGroupName, gatewayName, connectionName } = target ?? {};
      if (!subscriptionId || !resourceGroupName || !gatewayName || !connectionName) return [];
      const expected = { id: connectionId({ subscriptionId, resourceGroupName, gatewayName, connectionName }), name: connectionName };
      const descriptions = { id: "the id of the connection in target", name: `${quoteValue(connectionName)}, as in target` };
      return (["id", "name"] as const).flatMap((field) => {
        const found = connection?.[field];
        return breachIf(
          found !== undefined && found.toLowerCase() !== expected[field].toLowerCase(),
          ["connection", field],
          `connection.${field} must be ${descriptions[field]}, or be left out. Found ${quoteId(found)}.`,
        );
      });
    },
  },
];
