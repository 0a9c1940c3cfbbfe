import { type Breach, docs, type IpsecPolicy, listPresent, type RequestData, type Rule, terraform, tunnelsOf } from "./rule.ts";

const customPolicyDocs = `${docs}/vpn-gateway/vpn-gateway-vpn-faq#ipsecike`;
const recommended = `${docs}/virtual-wan/virtual-wan-ipsec`;

/** Algorithms that Azure does not list as recommended, or that a standard deprecates. */
const weak: readonly { readonly field: keyof IpsecPolicy; readonly values: readonly string[]; readonly source: string }[] = [
  { field: "ikeEncryption", values: ["DES", "DES3"], source: recommended },
  { field: "ikeIntegrity", values: ["MD5", "SHA1"], source: recommended },
  { field: "dhGroup", values: ["None", "DHGroup1", "DHGroup2"], source: recommended },
  { field: "ipsecEncryption", values: ["DES", "DES3"], source: recommended },
  { field: "ipsecIntegrity", values: ["MD5", "SHA1"], source: recommended },
  { field: "pfsGroup", values: ["PFS1", "PFS2"], source: recommended },
  // Azure recommends these, but the standards do not: group 24 has primes of unknown origin, and
  // None is no protection.
  { field: "dhGroup", values: ["DHGroup24"], source: "https://www.rfc-editor.org/rfc/rfc8247#section-2.4" },
  { field: "pfsGroup", values: ["None", "PFS24", "PFSMM"], source: "https://www.rfc-editor.org/rfc/rfc8247#section-2.4" },
  { field: "ipsecEncryption", values: ["None"], source: "https://www.rfc-editor.org/rfc/rfc8221#section-5" },
];

/** Custom IPsec policies. */
export const ipsecRules: readonly Rule[] = [
  {
    code: "GcmPairMismatch",
    severity: "error",
    says: "If `ipsecEncryption` or `ipsecIntegrity` is GCM, both are the same algorithm.",
    source: customPolicyDocs,
    check: (data) => judgePolicies(data, "ipsecIntegrity", (policy) => gcmMismatch(policy, "ipsecEncryption", "ipsecIntegrity", "must")),
  },
  {
    code: "IkeGcmPairMismatch",
    severity: "warning",
    says: "If `ikeEncryption` or `ikeIntegrity` is GCM, both are the same algorithm. With a GCM encryption `ikeIntegrity` may also be SHA256 or SHA384, which Microsoft recommends (https://github.com/Azure/azure-powershell/issues/28945).",
    source: recommended,
    check: (data) =>
      judgePolicies(data, "ikeIntegrity", (policy) =>
        ["SHA256", "SHA384"].includes(String(policy.ikeIntegrity))
          ? undefined
          : gcmMismatch(policy, "ikeEncryption", "ikeIntegrity", "should"),
      ),
  },
  {
    code: "SaLifetimeTooShort",
    severity: "error",
    says: "`saLifeTimeSeconds` is 300 or more.",
    source: customPolicyDocs,
    check: (data) =>
      judgePolicies(data, "saLifeTimeSeconds", ({ saLifeTimeSeconds: found = 300 }) =>
        found < 300 ? `saLifeTimeSeconds must be at least 300. Found ${found}.` : undefined,
      ),
  },
  {
    code: "SaLifetimeUnusual",
    severity: "warning",
    says: "`saLifeTimeSeconds` is at most 172799. Larger values are not known to work.",
    source: `${terraform}/vpn_gateway_connection_resource.go`,
    check: (data) =>
      judgePolicies(data, "saLifeTimeSeconds", ({ saLifeTimeSeconds: found = 300 }) =>
        found > 172_799
          ? `saLifeTimeSeconds should be at most 172799, the largest value that is known to work. Found ${found}.`
          : undefined,
      ),
  },
  {
    code: "SaDataSizeOutOfRange",
    severity: "error",
    says: "`saDataSizeKilobytes` is 0 or more.",
    source: "https://github.com/hashicorp/terraform-provider-azurerm/pull/24880",
    check: (data) =>
      judgePolicies(data, "saDataSizeKilobytes", ({ saDataSizeKilobytes: found = 0 }) =>
        found < 0 ? `saDataSizeKilobytes must be 0 or more. Found ${found}.` : undefined,
      ),
  },
  {
    code: "SaDataSizeUnusual",
    severity: "warning",
    says: "`saDataSizeKilobytes` is 0 (no limit), or at least 1024.",
    source: customPolicyDocs,
    check: (data) =>
      judgePolicies(data, "saDataSizeKilobytes", ({ saDataSizeKilobytes: found = 0 }) =>
        found > 0 && found < 1024 ? `saDataSizeKilobytes should be 0 (no limit) or at least 1024. Found ${found}.` : undefined,
      ),
  },
  ...weak.map(
    ({ field, values, source }): Rule => ({
      code: "WeakCipher",
      severity: "warning",
      says: `\`${field}\` is not ${values.join(" or ")}.`,
      source,
      check: (data) =>
        judgePolicies(data, field, (policy) =>
          values.includes(String(policy[field]))
            ? `${field} is ${policy[field]}, which is not considered safe any more. Use a stronger one.`
            : undefined,
        ),
    }),
  ),
];

/**
 * Returns what is wrong if only one of two algorithms is GCM, or both are different GCM algorithms.
 */
function gcmMismatch(
  policy: IpsecPolicy,
  first: keyof IpsecPolicy,
  second: keyof IpsecPolicy,
  verb: "must" | "should",
): string | undefined {
  const [encryption, integrity] = [policy[first], policy[second]].map((value) => (value === undefined ? undefined : String(value)));
  if (!encryption || !integrity || encryption === integrity) return undefined;
  if (![encryption, integrity].some((name) => name.startsWith("GCM"))) return undefined;
  return `${first} and ${second} ${verb} be the same if one of them is GCM. Found ${encryption} and ${integrity}.`;
}

function judgePolicies(data: RequestData, field: keyof IpsecPolicy, fault: (policy: IpsecPolicy) => string | undefined): Breach[] {
  return tunnelsOf(data).flatMap(({ at, tunnel }) =>
    listPresent(tunnel.ipsecPolicies, [...at, "ipsecPolicies"]).flatMap(({ at: place, item }) => {
      const message = fault(item);
      return message === undefined ? [] : [{ at: [...place, field], message }];
    }),
  );
}
