import type { VpnConnection as SdkVpnConnection } from "@azure/arm-network";

/**
 * Returns the SDK's flattened model of a REST body with its keys in clear. The fields of
 * `properties` move up one level, in the connection and in each link.
 */
export function flattenConnection(connection: unknown): SdkVpnConnection {
  const { properties, ...resource } = connection as RestResource;
  const links = properties?.["vpnLinkConnections"];
  return {
    ...resource,
    ...properties,
    ...(Array.isArray(links)
      ? { vpnLinkConnections: (links as RestResource[]).map(({ properties: own, ...link }) => ({ ...link, ...own })) }
      : {}),
  };
}

interface RestResource {
  readonly properties?: Readonly<Record<string, unknown>>;
}
