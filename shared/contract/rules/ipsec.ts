import { type Breach, docs, type IpsecPolicy, present, type RequestData, type Rule, terraform, tunnelsOf } from "./rule.ts";

const customPolicyDocs = `${docs}/vpn-gateway/vpn-gateway-vpn-faq#ipsecike`;
const recommended = `${docs}/virtual-wan/virtual-wan-ipsec`;

/** Algorithms that are not to be used any more, and who says so: not in Azure's table of recommended ones, or deprecated by the standard. */
const weak: readonly { readonly field: keyof IpsecPolicy; readonly values: readonly string[]; readonly source: string }[] = [
  { field: "ikeEncryption", values: ["DES", "DES3"], source: recommended },
  { field: "ikeIntegrity", values: ["MD5", "SHA1"], source: recommended },
  { field: "dhGroup", values: ["None", "DHGroup1", "DHGroup2"], source: recommended },
  { field: "ipsecEncryption", values: ["DES", "DES3"], source: recommended },
  { field: "ipsecIntegrity", values: ["MD5", "SHA1"], source: recommended },
  { field: "pfsGroup", values: ["PFS1", "PFS2"], source: recommended },
  // Azure recommends these, the standards do not: group 24 has primes of unknown origin, and without encryption or secrecy there is none.
  { field: "dhGroup", values: ["DHGroup24"], source: "https://www.rfc-editor.org/rfc/rfc8247#section-2.4" },
  { field: "pfsGroup", values: ["None", "PFS24", "PFSMM"], source: "https://www.rfc-editor.org/rfc/rfc8247#section-2.4" },
  { field: "ipsecEncryption", values: ["None"], source: "https://www.rfc-editor.org/rfc/rfc8221#section-5" },
];

/** Custom IPsec policies. */
export const ipsecRules: readonly Rule[] = [
  {
    code: "GcmPairMismatch",
    severity: "error",
    says: "GCM takes the same algorithm and key length for `ipsecEncryption` and `ipsecIntegrity`.",
    source: customPolicyDocs,
    check: (data) => eachPolicy(data, "ipsecIntegrity", ({ ipsecEncryption, ipsecIntegrity }) => unpaired(ipsecEncryption, ipsecIntegrity)),
  },
  {
    code: "IkeGcmPairMismatch",
    severity: "warning",
    says: "In the key exchange GCM needs no other integrity; Azure documents any combination.",
    source: recommended,
    check: (data) => eachPolicy(data, "ikeIntegrity", ({ ikeEncryption, ikeIntegrity }) => unpaired(ikeEncryption, ikeIntegrity)),
  },
  {
    code: "SaLifetimeTooShort",
    severity: "error",
    says: "`saLifeTimeSeconds` is 300 or more.",
    source: customPolicyDocs,
    check: (data) =>
      eachPolicy(data, "saLifeTimeSeconds", ({ saLifeTimeSeconds: found = 300 }) =>
        found < 300 ? `Expected 300 s or more; found ${found}.` : undefined,
      ),
  },
  {
    code: "SaLifetimeUnusual",
    severity: "warning",
    says: "`saLifeTimeSeconds` is 172799 at most, as far as others have gone.",
    source: `${terraform}/vpn_gateway_connection_resource.go`,
    check: (data) =>
      eachPolicy(data, "saLifeTimeSeconds", ({ saLifeTimeSeconds: found = 300 }) =>
        found > 172_799 ? `Expected 172799 s at most; found ${found}.` : undefined,
      ),
  },
  {
    code: "SaDataSizeOutOfRange",
    severity: "error",
    says: "`saDataSizeKilobytes` is 0 or more.",
    source: "https://github.com/hashicorp/terraform-provider-azurerm/pull/24880",
    check: (data) =>
      eachPolicy(data, "saDataSizeKilobytes", ({ saDataSizeKilobytes: found = 0 }) =>
        found < 0 ? `Expected 0 or more; found ${found}.` : undefined,
      ),
  },
  {
    code: "SaDataSizeUnusual",
    severity: "warning",
    says: "`saDataSizeKilobytes` is 0 for no limit, or 1024 or more.",
    source: customPolicyDocs,
    check: (data) =>
      eachPolicy(data, "saDataSizeKilobytes", ({ saDataSizeKilobytes: found = 0 }) =>
        found > 0 && found < 1024 ? `Expected 0, or 1024 KB or more; found ${found}.` : undefined,
      ),
  },
  ...weak.map(
    ({ field, values, source }): Rule => ({
      code: "WeakCipher",
      severity: "warning",
      says: `\`${field}\` is none of ${values.join(", ")}.`,
      source,
      check: (data) =>
        eachPolicy(data, field, (policy) =>
          values.includes(String(policy[field])) ? `Expected an algorithm that is still recommended; found ${policy[field]}.` : undefined,
        ),
    }),
  ),
];

function unpaired(encryption: string | undefined, integrity: string | undefined): string | undefined {
  if (!encryption || !integrity || encryption === integrity) return undefined;
  if (![encryption, integrity].some((name) => name.startsWith("GCM"))) return undefined;
  return `Expected the same GCM algorithm for encryption and integrity, or none; found ${encryption} with ${integrity}.`;
}

function eachPolicy(data: RequestData, field: keyof IpsecPolicy, fault: (policy: IpsecPolicy) => string | undefined): Breach[] {
  return tunnelsOf(data).flatMap(({ at, tunnel }) =>
    present(tunnel.ipsecPolicies, [...at, "ipsecPolicies"]).flatMap(({ at: place, item }) => {
      const message = fault(item);
      return message === undefined ? [] : [{ at: [...place, field], message }];
    }),
  );
}
