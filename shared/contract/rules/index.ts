import { type Finding, jsonPointer } from "../../finding.ts";
import { ipsecRules } from "./ipsec.ts";
import { linkRules } from "./links.ts";
import { routingRules } from "./routing.ts";
import { broken, type RequestData, type Rule } from "./rule.ts";

/** Applies every rule to a request whose structure is right. */
export function ruleFindings(data: RequestData): Finding[] {
  return rules.flatMap(({ code, severity, source, check }) =>
    check(data).map(({ at, message }) => ({ code, severity, target: jsonPointer(at), message, source })),
  );
}

const nameRules: readonly Rule[] = [
  {
    code: "SubscriptionIdNotGuid",
    severity: "warning",
    source: "https://learn.microsoft.com/en-us/azure/azure-portal/get-subscription-tenant-id",
    check: ({ target: { subscriptionId } }) =>
      broken(
        !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(subscriptionId),
        ["target", "subscriptionId"],
        "A subscription id is a GUID.",
      ),
  },
];

const rules = [...nameRules, ...linkRules, ...ipsecRules, ...routingRules];
