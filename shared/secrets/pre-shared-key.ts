/**
 * The longest pre-shared key, in characters. `sharedKeyLength` of the link's sharedKeys API is 1 to
 * 128 since api-version 2024-03-01.
 */
export const MAX_KEY_LENGTH = 128;

/** A shorter key may be a part of ordinary words, so it is not searched inside longer values. */
export const SHORTEST_SAFE_KEY = 8;

/**
 * A fault of a pre-shared key. It reveals nothing about the key's text. A key that is only short or
 * unusual is used.
 */
export type KeyFault = "empty" | "tooLong" | "notPrintable" | "short" | "unusual";

/**
 * Returns the faults of a pre-shared key. `unusual` means a space, a hyphen or a tilde. The
 * documentation of VPN Gateway excludes these characters
 * (https://learn.microsoft.com/en-us/azure/vpn-gateway/vpn-gateway-vpn-faq#what-characters-can-be-used-in-a-pre-shared-key).
 * That of Virtual WAN does not.
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
