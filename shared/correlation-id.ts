/**
 * Returns the id under which Resource Manager logs all calls of one request. It is a GUID made of
 * the instance id, so it is the same for every try.
 */
export function correlationIdOf(instanceId: string): string {
  const hex = instanceId.replace("vpn-", "");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
