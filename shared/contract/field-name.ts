/**
 * Returns how people call the field at a path of a request's data: `dpdTimeoutSeconds`,
 * `remoteVpnSite.id`, `ipsecPolicies[0].dhGroup`. The link is left out: `describeInDocument` names
 * it.
 */
export function fieldName(path: readonly PropertyKey[]): string {
  const rest = withoutContext(path);
  const named = rest.length > 0 ? rest : path;
  if (named.length === 0) return "data";
  return named.map((key, index) => (typeof key === "number" ? `[${key}]` : index === 0 ? String(key) : `.${String(key)}`)).join("");
}

/** Removes what is clear without saying: the target, the connection's properties, the link. */
function withoutContext(path: readonly PropertyKey[]): readonly PropertyKey[] {
  if (path[0] === "target") return path.slice(1);
  if (path[0] !== "connection" || path[1] !== "properties") return path;
  if (path[2] !== "vpnLinkConnections" || typeof path[3] !== "number") return path.slice(2);
  if (path.length === 4) return path.slice(2);
  return path[4] === "properties" && path.length > 5 ? path.slice(5) : path.slice(4);
}
