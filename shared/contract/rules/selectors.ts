import { shown } from "../shown.ts";
import { type CidrReading, readCidr } from "./addresses.ts";
import {
  type Breach,
  broken,
  docs,
  type Path,
  present,
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
    check: (data) => ranges(data, "notCidr", (text) => `Expected an address range such as 10.1.0.0/16; found ${shown(text)}.`),
  },
  {
    code: "HostBitsSet",
    severity: "warning",
    says: "A range in CIDR notation begins with its network address.",
    source: "https://www.rfc-editor.org/rfc/rfc4632#section-3.1",
    check: (data) => ranges(data, "hostBitsSet", (text) => `Expected the first address of the range; found ${shown(text)}.`),
  },
  {
    code: "EmptySelector",
    severity: "warning",
    says: "A traffic selector has ranges on both sides.",
    source: reference,
    check: (data) =>
      selectors(data).flatMap(({ at, item }) =>
        sides
          .filter((side) => item[side]?.length === 0)
          .map((side) => ({ at: [...at, side], message: "Expected at least one range; found none." })),
      ),
  },
  {
    code: "SelectorsWithoutEffect",
    severity: "warning",
    says: "Traffic selectors have an effect only where `usePolicyBasedTrafficSelectors` is set.",
    source: policyBased,
    check: (data) =>
      broken(
        selectors(data).length > 0 && !tunnelsOf(data).some(({ tunnel }) => tunnel.usePolicyBasedTrafficSelectors === true),
        [...properties, "trafficSelectorPolicies"],
        "Expected usePolicyBasedTrafficSelectors on a link, or no selectors; found selectors alone.",
      ),
  },
  {
    code: "SelectorsWithoutPolicy",
    severity: "warning",
    says: "Policy-based traffic selectors need a custom IPsec policy on the same link.",
    source: policyBased,
    check: (data) => flagged(data, (tunnel) => !tunnel.ipsecPolicies?.length, "Expected a custom IPsec policy beside it; found none."),
  },
  {
    code: "SelectorsWithIkev1",
    severity: "warning",
    says: "Policy-based traffic selectors need IKEv2.",
    source: policyBased,
    check: (data) => flagged(data, (tunnel) => tunnel.vpnConnectionProtocolType === "IKEv1", "Expected IKEv2 beside it; found IKEv1."),
  },
  {
    code: "SelectorsWithBgp",
    severity: "warning",
    says: "Whether policy-based traffic selectors and BGP work together is not documented.",
    source: policyBased,
    check: (data) => flagged(data, (tunnel) => tunnel.enableBgp === true, "Expected no BGP beside it; found enableBgp."),
  },
];

const sides = ["localAddressRanges", "remoteAddressRanges"] as const;

function selectors(data: RequestData) {
  return present(propertiesOf(data).trafficSelectorPolicies, [...properties, "trafficSelectorPolicies"]);
}

function ranges(data: RequestData, reading: CidrReading, message: (text: string) => string): Breach[] {
  return readingsOf(data)
    .filter((range) => range.reading === reading)
    .map(({ at, item }) => ({ at, message: message(item) }));
}

/** Reading thousands of ranges takes longer than all other rules together, and two rules need it. */
const readings = new WeakMap<RequestData, { at: Path; item: string; reading: CidrReading }[]>();

function readingsOf(data: RequestData) {
  const known = readings.get(data);
  if (known) return known;
  const read = selectors(data)
    .flatMap(({ at, item }) => sides.flatMap((side) => present(item[side], [...at, side])))
    .map(({ at, item }) => ({ at, item, reading: readCidr(item) }));
  readings.set(data, read);
  return read;
}

type Tunnel = ReturnType<typeof tunnelsOf>[number]["tunnel"];

function flagged(data: RequestData, isBroken: (tunnel: Tunnel) => boolean, message: string): Breach[] {
  return tunnelsOf(data)
    .filter(({ tunnel }) => tunnel.usePolicyBasedTrafficSelectors === true && isBroken(tunnel))
    .map(({ at }) => ({ at: [...at, "usePolicyBasedTrafficSelectors"], message }));
}
