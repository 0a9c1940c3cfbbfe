import { fieldName } from "../field-name.ts";
import { quoteValue } from "../quote.ts";
import { type CidrReading, readCidr } from "./addresses.ts";
import {
  type Breach,
  breachIf,
  docs,
  listPresent,
  type Path,
  properties,
  propertiesOf,
  type RequestData,
  type Rule,
  reference,
  tunnelsOf,
} from "./rule.ts";

const policyBased = `${docs}/vpn-gateway/vpn-gateway-connect-multiple-policybased-rm-ps`;

/** Traffic selectors. */
export const selectorRules: readonly Rule[] = [
  {
    code: "InvalidCidr",
    severity: "error",
    says: "The ranges of a traffic selector are in CIDR notation.",
    source: reference,
    check: (data) => judgeRanges(data, "notCidr", "must be an address range such as 10.1.0.0/16"),
  },
  {
    code: "HostBitsSet",
    severity: "warning",
    says: "A range in CIDR notation starts with its network address.",
    source: "https://www.rfc-editor.org/rfc/rfc4632#section-3.1",
    check: (data) => judgeRanges(data, "hostBitsSet", "should start with the first address of the range"),
  },
  {
    code: "EmptySelector",
    severity: "warning",
    says: "A traffic selector has ranges on both sides.",
    source: reference,
    check: (data) =>
      listSelectors(data).flatMap(({ at, item }) =>
        sides
          .filter((side) => item[side]?.length === 0)
          .map((side) => ({ at: [...at, side], message: `${fieldName([...at, side])} is empty. Give at least one address range.` })),
      ),
  },
  {
    code: "SelectorsWithoutEffect",
    severity: "warning",
    says: "Traffic selectors have an effect only if `usePolicyBasedTrafficSelectors` is true on a link.",
    source: policyBased,
    check: (data) =>
      breachIf(
        listSelectors(data).length > 0 && !tunnelsOf(data).some(({ tunnel }) => tunnel.usePolicyBasedTrafficSelectors === true),
        [...properties, "trafficSelectorPolicies"],
        "trafficSelectorPolicies has no effect unless usePolicyBasedTrafficSelectors is true on a link.",
      ),
  },
  {
    code: "SelectorsWithoutPolicy",
    severity: "warning",
    says: "Policy-based traffic selectors need a custom IPsec policy on the same link.",
    source: policyBased,
    check: (data) =>
      findFlagged(
        data,
        (tunnel) => !tunnel.ipsecPolicies?.length,
        "usePolicyBasedTrafficSelectors needs a custom IPsec policy. Add ipsecPolicies next to it.",
      ),
  },
  {
    code: "SelectorsWithIkev1",
    severity: "warning",
    says: "Policy-based traffic selectors need IKEv2.",
    source: policyBased,
    check: (data) =>
      findFlagged(
        data,
        (tunnel) => tunnel.vpnConnectionProtocolType === "IKEv1",
        "usePolicyBasedTrafficSelectors needs IKEv2. Change vpnConnectionProtocolType next to it.",
      ),
  },
  {
    code: "SelectorsWithBgp",
    severity: "warning",
    says: "Policy-based traffic selectors and BGP may not work together: Azure does not document the combination.",
    source: policyBased,
    check: (data) =>
      findFlagged(
        data,
        (tunnel) => tunnel.enableBgp === true,
        "usePolicyBasedTrafficSelectors together with enableBgp may not work: Azure does not document the combination.",
      ),
  },
  {
    code: "SelectorsWithNat",
    severity: "warning",
    says: "NAT rules are not supported on a link with policy-based traffic selectors.",
    source: "https://github.com/MicrosoftDocs/azure-docs/issues/93298",
    check: (data) =>
      findFlagged(
        data,
        (tunnel) => [...natRulesOf(tunnel, "egressNatRules"), ...natRulesOf(tunnel, "ingressNatRules")].length > 0,
        "NAT rules are not supported together with usePolicyBasedTrafficSelectors. Leave out one of them.",
      ),
  },
];

const sides = ["localAddressRanges", "remoteAddressRanges"] as const;

function listSelectors(data: RequestData) {
  return listPresent(propertiesOf(data).trafficSelectorPolicies, [...properties, "trafficSelectorPolicies"]);
}

function judgeRanges(data: RequestData, reading: CidrReading, rule: string): Breach[] {
  return readRanges(data)
    .filter((range) => range.reading === reading)
    .map(({ at, item }) => ({ at, message: `${fieldName(at)} ${rule}. Found ${quoteValue(item)}.` }));
}

/**
 * Two rules need the same readings, and reading thousands of ranges takes longer than all other
 * rules together.
 */
const readings = new WeakMap<RequestData, { at: Path; item: string; reading: CidrReading }[]>();

function readRanges(data: RequestData) {
  const known = readings.get(data);
  if (known) return known;
  const read = listSelectors(data)
    .flatMap(({ at, item }) => sides.flatMap((side) => listPresent(item[side], [...at, side])))
    .map(({ at, item }) => ({ at, item, reading: readCidr(item) }));
  readings.set(data, read);
  return read;
}

type Tunnel = ReturnType<typeof tunnelsOf>[number]["tunnel"];

/** Only link connections have NAT rules. */
function natRulesOf(tunnel: Tunnel, direction: "egressNatRules" | "ingressNatRules"): readonly unknown[] {
  return (direction in tunnel ? (tunnel as { readonly [Name in typeof direction]?: readonly unknown[] })[direction] : undefined) ?? [];
}

function findFlagged(data: RequestData, isBroken: (tunnel: Tunnel) => boolean, message: string): Breach[] {
  return tunnelsOf(data)
    .filter(({ tunnel }) => tunnel.usePolicyBasedTrafficSelectors === true && isBroken(tunnel))
    .map(({ at }) => ({ at: [...at, "usePolicyBasedTrafficSelectors"], message }));
}
