const typeNames: Readonly<Record<string, string>> = {
  vpngateways: "VPN gateway",
  vpnsites: "VPN site",
  virtualhubs: "virtual hub",
  hubroutetables: "Route table",
  routemaps: "Route map",
  natrules: "NAT rule",
};

/**
 * Returns what to call a resource: `VPN gateway gateway1`, `NAT rule rule1 of VPN gateway
 * gateway1`.
 */
export function describeResource(id: string): string {
  const [, path = ""] = id.split(/\/providers\/Microsoft\.Network\//i);
  const [parentType = "", parentName = "", type, name] = path.split("/");
  const parent = `${typeNames[parentType.toLowerCase()] ?? parentType} ${parentName}`;
  return type === undefined ? parent : `${typeNames[type.toLowerCase()] ?? type} ${name} of ${parent}`;
}

/** Returns the end of a sentence that names the resource group of an id. */
export function describeGroup(id: string): string {
  const group = /\/resourceGroups\/([^/]+)/i.exec(id)?.[1];
  return group === undefined ? "" : ` in resource group ${group}`;
}

/** Returns the last name in an id. */
export function lastName(id: string): string {
  return id.split("/").at(-1) ?? id;
}
