import { fieldName } from "../field-name.ts";
import { readCidr } from "./addresses.ts";
import { listPresent, type Path, properties, propertiesOf, type RequestData, type Rule } from "./rule.ts";

type Family = "IPv4" | "IPv6";

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

/** Reading a range takes long, so it is read only if the selector seems to have both families. */
function listFamilies(data: RequestData): { at: Path; families: ReadonlySet<Family> }[] {
  const at = [...properties, "trafficSelectorPolicies"];
  return listPresent(propertiesOf(data).trafficSelectorPolicies, at).map(({ at: place, item }) => {
    const ranges = [...(item.localAddressRanges ?? []), ...(item.remoteAddressRanges ?? [])].filter((range) => range !== undefined);
    const families = new Set(ranges.map(familyOf));
    if (families.size < 2) return { at: place, families };
    return { at: place, families: new Set(ranges.filter((range) => readCidr(range) !== "notCidr").map(familyOf)) };
  });
}

function familyOf(range: string): Family {
  return range.includes(":") ? "IPv6" : "IPv4";
}
