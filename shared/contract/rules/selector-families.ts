import { fieldName } from "../field-name.ts";
import { listPresent, type Path, properties, propertiesOf, type RequestData, type Rule } from "./rule.ts";

const source = "https://github.com/MicrosoftDocs/azure-docs/pull/100361";

/** Address families of traffic selectors. */
export const selectorFamilyRules: readonly Rule[] = [
  {
    code: "SelectorFamiliesMixed",
    severity: "error",
    says: "The ranges of one traffic selector are all IPv4 or all IPv6.",
    source,
    check: (data) =>
      listFamilies(data).flatMap(({ at, families }) =>
        families.size < 2 ? [] : [{ at, message: `${fieldName(at)} has IPv4 and IPv6 ranges. Use one family in a traffic selector.` }],
      ),
  },
  {
    code: "SelectorIpv6",
    severity: "warning",
    says: "Traffic selectors have IPv4 ranges. Azure does not document IPv6 in them.",
    source,
    check: (data) =>
      listFamilies(data).flatMap(({ at, families }) =>
        families.size === 1 && families.has("IPv6")
          ? [{ at, message: `${fieldName(at)} has IPv6 ranges, which Azure does not document for traffic selectors. Use IPv4 ranges.` }]
          : [],
      ),
  },
];

function listFamilies(data: RequestData): { at: Path; families: ReadonlySet<"IPv4" | "IPv6"> }[] {
  const at = [...properties, "trafficSelectorPolicies"];
  return listPresent(propertiesOf(data).trafficSelectorPolicies, at).map(({ at: place, item }) => {
    const ranges = [...(item.localAddressRanges ?? []), ...(item.remoteAddressRanges ?? [])];
    return {
      at: place,
      families: new Set(ranges.flatMap((range) => (range === undefined ? [] : [range.includes(":") ? "IPv6" : "IPv4"]))),
    };
  });
}
