import { type KeyFault, MAX_KEY_LENGTH, SHORTEST_SAFE_KEY } from "../../secrets/pre-shared-key.ts";
import { isSealed } from "../../secrets/sealing.ts";
import { docs, type RequestData, type Rule, tunnelsOf } from "./rule.ts";

const sharedKeysApi = "https://learn.microsoft.com/en-us/rest/api/virtualwan/vpn-link-connections?view=rest-virtualwan-2024-03-01";
const characters = `${docs}/vpn-gateway/vpn-gateway-vpn-faq#what-characters-can-be-used-in-a-pre-shared-key`;

/**
 * Pre-shared keys. The key itself is never shown: it was judged when it was sealed, and only its
 * faults are known.
 */
export const sharedKeyRules: readonly Rule[] = [
  {
    code: "SharedKeyLength",
    severity: "error",
    says: `A pre-shared key has 1 to ${MAX_KEY_LENGTH} characters.`,
    source: sharedKeysApi,
    check: (data) => [
      ...findFaultyKeys(
        data,
        "empty",
        `sharedKey is empty. Give 1 to ${MAX_KEY_LENGTH} characters, or leave it out and Azure makes a key.`,
      ),
      ...findFaultyKeys(data, "tooLong", `sharedKey has more than ${MAX_KEY_LENGTH} characters. Use a shorter key.`),
    ],
  },
  {
    code: "SharedKeyCharacters",
    severity: "error",
    says: "A pre-shared key has printable ASCII characters only.",
    source: characters,
    check: (data) => findFaultyKeys(data, "notPrintable", "sharedKey has a character that is not printable ASCII. Use another key."),
  },
  {
    code: "SharedKeyShort",
    severity: "warning",
    says: `A pre-shared key has at least ${SHORTEST_SAFE_KEY} characters. A shorter one is easy to guess, and harder to remove from what Azure returns.`,
    source: "https://www.rfc-editor.org/rfc/rfc7296#section-2.15",
    check: (data) =>
      findFaultyKeys(data, "short", `sharedKey has fewer than ${SHORTEST_SAFE_KEY} characters and is easy to guess. Use a longer key.`),
  },
  {
    code: "SharedKeyCharactersUnusual",
    severity: "warning",
    says: "A pre-shared key has no space, hyphen or tilde. The documentation of VPN Gateway excludes them, that of Virtual WAN does not mention them.",
    source: characters,
    check: (data) =>
      findFaultyKeys(data, "unusual", "sharedKey has a space, hyphen or tilde, which Azure may not accept. Use other characters."),
  },
];

function findFaultyKeys(data: RequestData, fault: KeyFault, message: string) {
  return tunnelsOf(data)
    .filter(({ tunnel: { sharedKey } }) => isSealed(sharedKey) && sharedKey.faults?.includes(fault))
    .map(({ at }) => ({ at: [...at, "sharedKey"], message }));
}
