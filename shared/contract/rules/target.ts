import { connectionId } from "../../resource-id.ts";
import { shown } from "../shown.ts";
import { broken, docs, type Rule, reference } from "./rule.ts";

/** Which connection is meant. */
export const targetRules: readonly Rule[] = [
  {
    code: "SubscriptionIdNotGuid",
    severity: "warning",
    says: "A subscription id is a GUID.",
    source: `${docs}/azure-portal/get-subscription-tenant-id`,
    check: ({ target }) => {
      const found = target?.subscriptionId;
      return broken(
        found !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(found),
        ["target", "subscriptionId"],
        `A subscription id is a GUID; found ${shown(found)}.`,
      );
    },
  },
  {
    code: "TargetMismatch",
    severity: "error",
    says: "An `id` or `name` in the body is that of the target, whatever the case.",
    source: reference,
    check: ({ target, connection }) => {
      const { subscriptionId, resourceGroupName, gatewayName, connectionName } = target ?? {};
      if (!subscriptionId || !resourceGroupName || !gatewayName || !connectionName) return [];
      const expected = { id: connectionId({ subscriptionId, resourceGroupName, gatewayName, connectionName }), name: connectionName };
      return (["id", "name"] as const).flatMap((field) => {
        const found = connection?.[field];
        return broken(
          found !== undefined && found.toLowerCase() !== expected[field].toLowerCase(),
          ["connection", field],
          `The body's ${field} must be that of the target, ${shown(expected[field], 400)}; found ${shown(found)}.`,
        );
      });
    },
  },
];
