import { docs, type IpsecPolicy, linksOf, type Path, properties, type RequestData, type Rule } from "./rule.ts";

const customPolicyDocs = `${docs}/vpn-gateway/vpn-gateway-vpn-faq#ipsecike`;

/** Not in the table of recommended algorithms (https://learn.microsoft.com/en-us/azure/virtual-wan/virtual-wan-ipsec#custom). */
const weak: Readonly<Record<Exclude<keyof IpsecPolicy, "saLifeTimeSeconds" | "saDataSizeKilobytes">, readonly string[]>> = {
  ikeEncryption: ["DES", "DES3"],
  ikeIntegrity: ["MD5", "SHA1"],
  dhGroup: ["None", "DHGroup1", "DHGroup2"],
  ipsecEncryption: ["DES", "DES3"],
  ipsecIntegrity: ["MD5", "SHA1"],
  pfsGroup: ["PFS1", "PFS2"],
};

/** IPsec policies and traffic selectors. */
export const ipsecRules: readonly Rule[] = [
  {
    code: "TooManyIpsecPolicies",
    severity: "error",
    source: customPolicyDocs,
    check: (data) =>
      policyLists(data)
        .filter(({ policies }) => policies.length > 1)
        .map(({ at, policies }) => ({ at, message: `A connection takes one IPsec policy at most; found ${policies.length}.` })),
  },
  {
    code: "GcmPairMismatch",
    severity: "error",
    source: customPolicyDocs,
    check: (data) =>
      eachPolicy(data, "ipsecIntegrity", ({ ipsecEncryption, ipsecIntegrity }) =>
        [ipsecEncryption, ipsecIntegrity].some((name) => name.startsWith("GCM")) && ipsecEncryption !== ipsecIntegrity
          ? `GCM takes the same algorithm for encryption and integrity; found ${ipsecEncryption} with ${ipsecIntegrity}.`
          : undefined,
      ),
  },
  {
    code: "SaLifetimeTooShort",
    severity: "error",
    source: customPolicyDocs,
    check: (data) =>
      eachPolicy(data, "saLifeTimeSeconds", ({ saLifeTimeSeconds: found }) =>
        found < 300 ? `A security association lives 300 s at least; found ${found}.` : undefined,
      ),
  },
  ...(["ikeEncryption", "ikeIntegrity", "dhGroup", "ipsecEncryption", "ipsecIntegrity", "pfsGroup"] as const).map(
    (field): Rule => ({
      code: "WeakCipher",
      severity: "warning",
      source: `${docs}/virtual-wan/virtual-wan-ipsec`,
      check: (data) =>
        eachPolicy(data, field, (policy) =>
          weak[field].includes(policy[field]) ? `${policy[field]} is weak; Azure's documentation no longer recommends it.` : undefined,
        ),
    }),
  ),

  {
    code: "SelectorsWithoutPolicy",
    severity: "warning",
    source: `${docs}/vpn-gateway/vpn-gateway-connect-multiple-policybased-rm-ps`,
    check: (data) =>
      linksOf(data)
        .filter(({ link }) => link.properties?.usePolicyBasedTrafficSelectors === true && !link.properties.ipsecPolicies?.length)
        .map(({ at }) => ({
          at: [...at, "properties", "usePolicyBasedTrafficSelectors"],
          message: "Policy-based traffic selectors need a custom IPsec policy on the same link.",
        })),
  },
];

function policyLists(data: RequestData): { at: Path; policies: readonly IpsecPolicy[] }[] {
  const own = { at: [...properties, "ipsecPolicies"], policies: data.connection.properties.ipsecPolicies ?? [] };
  return [
    own,
    ...linksOf(data).map(({ at, link }) => ({
      at: [...at, "properties", "ipsecPolicies"],
      policies: link.properties?.ipsecPolicies ?? [],
    })),
  ];
}

function eachPolicy(data: RequestData, field: keyof IpsecPolicy, fault: (policy: IpsecPolicy) => string | undefined) {
  return policyLists(data).flatMap(({ at, policies }) =>
    policies.flatMap((policy, index) => {
      const message = fault(policy);
      return message === undefined ? [] : [{ at: [...at, index, field], message }];
    }),
  );
}
