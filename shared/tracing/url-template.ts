/**
 * The parts of a Resource Manager path that may be shown. Everything else is a name, or a part of a
 * signed URL.
 */
const words = new Map(
  [
    ...["subscriptions", "resourceGroups", "providers", "Microsoft.Network", "locations", "operations", "operationResults"],
    ...["vpnGateways", "vpnConnections", "natRules", "virtualHubs", "hubRouteTables", "routeMaps", "vpnSites", "vpnSiteLinks"],
  ].map((word) => [word.toLowerCase(), word]),
);
const namespace = "Microsoft.Network";

/**
 * Returns the path of a Resource Manager URL with `{}` for every name in it, and the last type in
 * it. The query, which holds signatures, is left out.
 */
export function urlTemplateOf(url: string): { readonly template: string; readonly type: string } {
  const parts = new URL(url).pathname.split("/").filter(Boolean);
  // Types and names take turns. Only the namespace is a name that may be shown.
  const shown = parts.map((part, index) => {
    const word = words.get(part.toLowerCase());
    return word !== undefined && (index % 2 === 0) === (word !== namespace) ? word : "{}";
  });
  const type = shown.findLast((part) => part !== "{}" && part !== namespace) ?? "resource";
  return { template: `/${shown.join("/")}`, type };
}
