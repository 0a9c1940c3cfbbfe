import ipaddr from "ipaddr.js";

/** The result of reading a text as an address range in CIDR notation. */
export type CidrReading = "notCidr" | "hostBitsSet" | "range";

/**
 * Reads an address range in CIDR notation, IPv4 (four decimal parts) or IPv6
 * (https://www.rfc-editor.org/rfc/rfc4632#section-3.1).
 */
export function readCidr(text: string): CidrReading {
  if (!/^[0-9a-f.:]+\/\d{1,3}$/i.test(text) || isUnclear(text)) return "notCidr";
  try {
    const [address, prefix] = ipaddr.parseCIDR(text);
    return hasHostBits(address.toByteArray(), prefix) ? "hostBitsSet" : "range";
  } catch {
    return "notCidr";
  }
}

/** Returns whether any bit behind the first `prefix` bits is set. */
function hasHostBits(bytes: readonly number[], prefix: number): boolean {
  return bytes.some((byte, index) => (byte & (0xff >> Math.min(Math.max(prefix - index * 8, 0), 8))) !== 0);
}

/** Returns whether a text is an IPv4 address in four decimal parts. */
export function isIpv4(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) && !isUnclear(text);
}

const azureApipa = ["169.254.21.0/24", "169.254.22.0/24"].map((range) => ipaddr.IPv4.parseCIDR(range));

/**
 * Returns whether an IPv4 address is in the ranges of Azure for BGP over APIPA: 169.254.21.0/24 and
 * 169.254.22.0/24.
 */
export function isAzureApipa(address: string): boolean {
  const parsed = ipaddr.IPv4.parse(address);
  return azureApipa.some((range) => parsed.match(range));
}

/**
 * Returns whether an address has a short form (`10/8`) or octal parts (`010.0.0.0`): programs read
 * them differently.
 */
function isUnclear(text: string): boolean {
  const [address = ""] = text.split("/");
  return !address.includes(":") && !/^(0|[1-9]\d*)(\.(0|[1-9]\d*)){3}$/.test(address);
}
