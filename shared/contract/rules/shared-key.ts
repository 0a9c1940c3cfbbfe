import { type KeyFault, MAX_KEY_LENGTH, SHORTEST_SAFE_KEY } from "../../secrets/pre-shared-key.ts";
import { isSealed } from "../../secrets/sealing.ts";
import { docs, type RequestData, type Rule, tunnelsOf } from "./rule.ts";

const sharedKeysApi = "https://learn.microsoft.com/en-us/rest/api/virtualwan/vpn-link-connections?view=rest-virtualwan-2024-03-01";
const characters = `${docs}/vpn-gateway/vpn-gateway-vpn-faq#what-characters-can-be-used-in-a-pre-shared-key`;

/** Pre-shared keys. What was found is never told: the key was judged when it was sealed, and no more is known. */
export const sharedKeyRules: readonly Rule[] = [
  {
    code: "SharedKeyLength",
    severity: "error",
    says: `A pre-shared key has 1 to ${MAX_KEY_LENGTH} characters.`,
    source: sharedKeysApi,
    check: (data) => [
      ...faulty(data, "empty", `Expected 1 to ${MAX_KEY_LENGTH} characters; found none. Leave the field out and Azure makes a key.`),
      ...faulty(data, "tooLong", `Expected 1 to ${MAX_KEY_LENGTH} characters; found more.`),
    ],
  },
  {
    code: "SharedKeyCharacters",
    severity: "error",
    says: "A pre-shared key is printable ASCII.",
    source: characters,
    check: (data) => faulty(data, "notPrintable", "Expected printable ASCII characters; found others."),
  },
  {
    code: "SharedKeyShort",
    severity: "warning",
    says: `A pre-shared key has ${SHORTEST_SAFE_KEY} characters or more: a shorter one is easy to guess, and it is harder to keep out of answers.`,
    source: "https://www.rfc-editor.org/rfc/rfc7296#section-2.15",
    check: (data) => faulty(data, "short", `Expected ${SHORTEST_SAFE_KEY} characters or more; found fewer.`),
  },
  {
    code: "SharedKeyCharactersUnusual",
    severity: "warning",
    says: "A pre-shared key has no space, hyphen or tilde: VPN Gateway's documentation excludes them, Virtual WAN's says nothing.",
    source: characters,
    check: (data) => faulty(data, "unusual", "Expected no space, hyphen or tilde; found at least one."),
  },
];

function faulty(data: RequestData, fault: KeyFault, message: string) {
  return tunnelsOf(data)
    .filter(({ tunnel: { sharedKey } }) => isSealed(sharedKey) && sharedKey.faults?.includes(fault))
    .map(({ at }) => ({ at: [...at, "sharedKey"], message }));
}
