/** Longest pre-shared key in characters: `sharedKeyLength` of the link's sharedKeys API, 1 to 128 since api-version 2024-03-01. */
export const MAX_KEY_LENGTH = 128;

/** A shorter key may be a part of ordinary words, so it is not removed from within longer values of a resource. */
export const SHORTEST_SAFE_KEY = 8;

/** What can be said against a pre-shared key without saying anything of it. */
export type KeyFault = "empty" | "tooLong" | "notPrintable" | "short" | "unusual";

/** With these a key is used all the same. */
export const mildFaults: readonly KeyFault[] = ["short", "unusual"];

/**
 * Judges a pre-shared key. `unusual` is a space, a hyphen or a tilde, which VPN Gateway's documentation excludes
 * (https://learn.microsoft.com/en-us/azure/vpn-gateway/vpn-gateway-vpn-faq#what-characters-can-be-used-in-a-pre-shared-key); none is known for Virtual WAN.
 */
export function keyFaults(key: string): KeyFault[] {
  const faults: (KeyFault | false)[] = [
    key.length === 0 && "empty",
    [...key].length > MAX_KEY_LENGTH && "tooLong",
    /[^\x20-\x7e]/.test(key) && "notPrintable",
    key.length > 0 && key.length < SHORTEST_SAFE_KEY && "short",
    /[ ~-]/.test(key) && "unusual",
  ];
  return faults.filter((fault) => fault !== false);
}
